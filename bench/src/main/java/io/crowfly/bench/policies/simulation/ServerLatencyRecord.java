package io.crowfly.bench.policies.simulation;

import java.util.Arrays;

/**
 * Latest response times of a simulated server, for Prequal's load reports. Each time is kept with the requests in
 * flight at its arrival. The reported latency is the median of the responses whose load was nearest to the present
 * load.
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

    /**
     * Returns the latency at this load, in nanoseconds. Before the first response the result is 0, so that Prequal
     * tries an unused server.
     */
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
