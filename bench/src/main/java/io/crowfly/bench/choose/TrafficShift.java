package io.crowfly.bench.choose;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.DoublePredicate;
import java.util.stream.Collectors;

/**
 * Calculator of {@code bench choose}: finds the moment at which traffic has moved away from a backend or back to it. It
 * takes the share of a backend over {@value #PER_SECOND} successive requests, which are sent in about a second.
 */
final class TrafficShift {

    static final int PER_SECOND = 50;

    /** Share of the requests that must go elsewhere (or be back) before the traffic counts as moved. */
    static final double SHIFTED_SHARE = 0.9;

    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** Age in nanoseconds at which nearly every request has its response. */
    private static final long RESPONSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

    private TrafficShift() {}

    /**
     * Returns the seconds from a moment until the share of a backend in the requests of the following second meets a
     * condition; infinite if this never happens.
     *
     * @param calls the results from that moment on, in the order of sending
     */
    static double secondsUntil(List<CallResult> calls, long fromNanos, String backend, DoublePredicate condition) {
        int first = firstWindow(calls, backend, condition);
        return first < 0 ? Double.POSITIVE_INFINITY : (calls.get(first).sentNanos() - fromNanos) / 1e9;
    }

    private static int firstWindow(List<CallResult> calls, String backend, DoublePredicate condition) {
        for (int i = 0; i + PER_SECOND <= calls.size(); i++) {
            if (condition.test(CallResult.share(calls.subList(i, i + PER_SECOND), backend))) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Returns the smallest share of a backend in any second after its share met the condition for the first time; 0 if
     * it never did.
     */
    static double minShareAfter(List<CallResult> calls, String backend, DoublePredicate condition) {
        int first = firstWindow(calls, backend, condition);
        double minimum = first < 0 ? 0 : 1;
        for (int i = Math.max(0, first); first >= 0 && i + PER_SECOND <= calls.size(); i++) {
            minimum = Math.min(minimum, CallResult.share(calls.subList(i, i + PER_SECOND), backend));
        }
        return minimum;
    }

    /**
     * Waits until a backend has received {@link #SHIFTED_SHARE} of the requests of one second.
     *
     * @return the time taken, in seconds
     * @throws IOException if this does not happen in time
     */
    static double awaitMost(PoissonTraffic traffic, String backend) throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (true) {
            // Recent requests are left out. Some of them have no response yet, and those are the slower ones, which
            // would distort the share.
            List<CallResult> calls = traffic.results(start, System.nanoTime() - RESPONSE_NANOS);
            double seconds = secondsUntil(calls, start, backend, share -> share >= SHIFTED_SHARE);
            if (Double.isFinite(seconds)) {
                return seconds;
            }
            if (System.nanoTime() - start > TIMEOUT_NANOS) {
                throw new IOException("most requests should go to %s; its shares per second in percent were %s"
                        .formatted(backend, shares(calls, start, backend)));
            }
            Thread.sleep(50);
        }
    }

    /** Returns the share of a backend in each second from a moment on, in percent. */
    static String shares(List<CallResult> calls, long fromNanos, String backend) {
        List<List<CallResult>> seconds = new ArrayList<>();
        for (CallResult call : calls) {
            int second = (int) ((call.sentNanos() - fromNanos) / TimeUnit.SECONDS.toNanos(1));
            while (seconds.size() <= second) {
                seconds.add(new ArrayList<>());
            }
            seconds.get(second).add(call);
        }
        return seconds.stream()
                .map(second -> String.format(Locale.ROOT, "%.0f", 100 * CallResult.share(second, backend)))
                .collect(Collectors.joining(" "));
    }
}
