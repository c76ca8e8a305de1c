package io.crowfly.balancer.attempt;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;

/*
 * When every backend is in trouble, second attempts would double the load at the worst moment. So they are limited over the
 * whole process to a share of its requests, as Finagle's RetryBudget has it (com.twitter.finagle.service.RetryBudget: a
 * share, over a window of 10 s, and a floor of so many a second so that little traffic can have any).
 *
 * Finagle's is a token bucket behind a lock. Here each loop counts for itself, in cells that it alone writes, and the rare
 * one who wants a second attempt adds up the cells of all loops. Two loops that ask at the same moment may both get the
 * last one: the limit is exceeded by as many as there are loops, at the most.
 */

/** How many second attempts, and how many hedges, the process may make. */
public final class RetryBudget {

    /** Long enough to even out bursts, short enough that what has long passed buys nothing. */
    private static final int WINDOW_SECONDS = 10;

    /** Of retries, whatever the traffic: three a second, so that a quiet instance hides a backend's failure too. */
    private static final int RETRY_FLOOR = 3 * WINDOW_SECONDS;

    private final List<Counts> loops;

    /** @param loops how many there are */
    public RetryBudget(int loops) {
        this.loops = IntStream.range(0, loops).mapToObj(i -> new Counts()).toList();
    }

    private static final class Counts {
        final Window requests = new Window();
        final Window retries = new Window();
        final Window hedges = new Window();
    }

    /** Events of the last {@link #WINDOW_SECONDS}, a cell for each second: its number above, its count below. */
    private static final class Window {

        private static final int COUNT_BITS = 32;

        private final AtomicLongArray cells = new AtomicLongArray(WINDOW_SECONDS);

        /** By one thread only. */
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
                // Signed, so that it holds before and after the clock's number wraps.
                int age = second - (int) (cell >> COUNT_BITS);
                sum += age >= 0 && age < WINDOW_SECONDS ? (int) cell : 0;
            }
            return sum;
        }
    }

    /** A request has come. On its loop. */
    void onRequest(int loop, long nowNanos) {
        loops.get(loop).requests.count(second(nowNanos));
    }

    /** Whether {@link #tryRetry} would agree. Any thread. */
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
     * Takes a second attempt out of the budget, if there is one. On its loop.
     *
     * @param share of the requests that may be tried again; with 0 none is
     */
    boolean tryRetry(int loop, double share, long nowNanos) {
        if (!allowsRetry(share, nowNanos)) {
            return false;
        }
        loops.get(loop).retries.count(second(nowNanos));
        return true;
    }

    /** Takes a hedge, which has no floor: nothing has failed that it would hide. On its loop. */
    boolean tryHedge(int loop, double share, long nowNanos) {
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
