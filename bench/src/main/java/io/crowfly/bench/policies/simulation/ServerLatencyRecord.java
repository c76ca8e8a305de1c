package io.crowfly.bench.policies.simulation;

import java.util.Arrays;

/**
 * The latency record of a Prequal server: its latest responses, each with the requests in flight at arrival. The
 * reported latency is the median of the responses that began at loads nearest to the present load.
 */
final class ServerLatencyRecord {

    private static final int WINDOW = 64;
    private static final int NEAREST = 15;

    private final int[] inFlight = new int[WINDOW];
    private final double[] latencyNanos = new double[WINDOW];
    private int recorded;

    void record(int inFlightThen, double nanos) {
        inFlight[recorded % WINDOW] = inFlightThen;
        latencyNanos[recorded % WINDOW] = nanos;
        recorded++;
    }

    /** Returns the latency at this load; 0 before the first response, so that an unused server is attractive. */
    double latencyNanos(int inFlightNow) {
        int kept = Math.min(recorded, WINDOW);
        if (kept == 0) {
            return 0;
        }
        long[] byDistance = new long[kept];
        for (int i = 0; i < kept; i++) {
            byDistance[i] = (long) Math.abs(inFlight[i] - inFlightNow) * WINDOW + i;
        }
        Arrays.sort(byDistance);
        double[] nearest = new double[Math.min(NEAREST, kept)];
        for (int i = 0; i < nearest.length; i++) {
            nearest[i] = latencyNanos[(int) (byDistance[i] % WINDOW)];
        }
        Arrays.sort(nearest);
        return nearest[nearest.length / 2];
    }
}
