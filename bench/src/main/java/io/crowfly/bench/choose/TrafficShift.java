package io.crowfly.bench.choose;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.DoublePredicate;
import java.util.stream.Collectors;

/** When requests have gone over to other backends, or come back, judged by as many in a row as come in a second. */
final class TrafficShift {

    static final int PER_SECOND = 50;

    /** Of the requests, for traffic to have moved. */
    static final double SHIFTED_SHARE = 0.9;

    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** By then nearly every request has its answer. */
    private static final long RESPONSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

    private TrafficShift() {}

    /**
     * Seconds from a moment until the share of a backend among the requests of the following second is as wanted; infinite
     * if it never is.
     *
     * @param calls in their order, from that moment on
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

    /** The smallest share in any second after the share was as wanted for the first time; 0 if it never was. */
    static double minShareAfter(List<CallResult> calls, String backend, DoublePredicate condition) {
        int first = firstWindow(calls, backend, condition);
        double minimum = first < 0 ? 0 : 1;
        for (int i = Math.max(0, first); first >= 0 && i + PER_SECOND <= calls.size(); i++) {
            minimum = Math.min(minimum, CallResult.share(calls.subList(i, i + PER_SECOND), backend));
        }
        return minimum;
    }

    /**
     * Waits until a backend has got most of the last requests.
     *
     * @return seconds
     * @throws IOException when it doesn't get them
     */
    static double awaitMost(Traffic traffic, String backend) throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (true) {
            // Where those went that have no answer yet nobody knows, and they are the slower ones.
            List<CallResult> calls = traffic.results(start, System.nanoTime() - RESPONSE_NANOS);
            double seconds = secondsUntil(calls, start, backend, share -> share >= SHIFTED_SHARE);
            if (Double.isFinite(seconds)) {
                return seconds;
            }
            if (System.nanoTime() - start > TIMEOUT_NANOS) {
                throw new IOException("most requests should go to %s; of the last ones went %s"
                        .formatted(backend, shares(calls, start, backend)));
            }
            Thread.sleep(50);
        }
    }

    /** The share of a backend in each second from a moment on, in percent. */
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
