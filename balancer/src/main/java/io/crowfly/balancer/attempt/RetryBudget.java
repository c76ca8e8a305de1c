package io.crowfly.balancer.attempt;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;

/*
 * When every backend fails, retries would double the load at the worst moment. So retries are limited over the whole
 * process to a share of the requests, as in Finagle's RetryBudget (com.twitter.finagle.service.RetryBudget): a share,
 * over a window of 10 s, and a minimum per second, so that retries are possible with little traffic.
 *
 * Finagle uses a token bucket behind a lock. Here each loop counts in cells that only this loop writes. A retry, which
 * is rare, sums up the cells of all loops. Two loops that check at the same moment may both take the last retry: the
 * limit is exceeded at most by the number of loops.
 */

/** Counter that limits the retries and hedges of the whole process, each to a share of its recent requests. */
public final class RetryBudget {

    /**
     * Length of the time window. Long enough to even out bursts, short enough that old requests do not allow retries
     * now.
     */
    private static final int WINDOW_SECONDS = 10;

    /**
     * Number of retries in the window that are allowed with any traffic: three per second, so that an instance with
     * little traffic can retry too.
     */
    private static final int RETRY_FLOOR = 3 * WINDOW_SECONDS;

    private final List<Counts> loops;

    /** @param loops number of event loops */
    public RetryBudget(int loops) {
        this.loops = IntStream.range(0, loops).mapToObj(i -> new Counts()).toList();
    }

    private static final class Counts {
        final Window requests = new Window();
        final Window retries = new Window();
        final Window hedges = new Window();
    }

    /**
     * Counts of the last {@link #WINDOW_SECONDS}. One cell per second: the high bits contain the second, the low bits
     * the count.
     */
    private static final class Window {

        private static final int COUNT_BITS = 32;

        private final AtomicLongArray cells = new AtomicLongArray(WINDOW_SECONDS);

        /** Counts an event. Called by one thread only. */
        void count(int second) {
            int cell = Math.floorMod(second, WINDOW_SECONDS);
            long before = cells.getPlain(cell);
            long base = before >> COUNT_BITS == second ? before : (long) second << COUNT_BITS;
            cells.setOpaque(cell, base + 1);
        }

        int sum(int second) {
            int sum = 0;
            for (int i = 0; i < WINDOW_SECONDS; i++) {
                long cell = cells.getOpaque(i);
                // A signed difference is correct even when the number of seconds overflows.
                int age = second - (int) (cell >> COUNT_BITS);
                sum += age >= 0 && age < WINDOW_SECONDS ? (int) cell : 0;
            }
            return sum;
        }
    }

    /** Counts a request. Call on the event loop with this number. */
    public void onRequest(int loop, long nowNanos) {
        loops.get(loop).requests.count(second(nowNanos));
    }

    /** Returns whether {@link #tryRetry} would succeed now. Callable from any thread. */
    boolean allowsRetry(double share, long nowNanos) {
        int second = second(nowNanos);
        int retries = 0;
        int requests = 0;
        for (Counts counts : loops) {
            retries += counts.retries.sum(second);
            requests += counts.requests.sum(second);
        }
        return share > 0 && retries < RETRY_FLOOR + share * requests;
    }

    /**
     * Takes a retry from the budget if one is left. Call on the event loop with this number.
     *
     * @param share maximum of retries as a share of the requests; 0 allows no retries
     * @return whether a retry was left
     */
    boolean tryRetry(int loop, double share, long nowNanos) {
        if (!allowsRetry(share, nowNanos)) {
            return false;
        }
        loops.get(loop).retries.count(second(nowNanos));
        return true;
    }

    /**
     * Takes a hedge from the budget if one is left. Hedges have no minimum, because nothing has failed. Call on the
     * event loop with this number.
     *
     * @param share maximum of hedges as a share of the requests
     * @return whether a hedge was left
     */
    public boolean tryHedge(int loop, double share, long nowNanos) {
        int second = second(nowNanos);
        int hedges = 0;
        int requests = 0;
        for (Counts counts : loops) {
            hedges += counts.hedges.sum(second);
            requests += counts.requests.sum(second);
        }
        if (hedges + 1 > share * requests) {
            return false;
        }
        loops.get(loop).hedges.count(second);
        return true;
    }

    private static int second(long nanos) {
        return (int) TimeUnit.NANOSECONDS.toSeconds(nanos);
    }
}
