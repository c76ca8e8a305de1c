package io.crowfly.probes;

/**
 * Clock and single-threaded executor on which probes and publications run: an event loop in the balancer, the queue of
 * events in the simulator.
 */
public interface Scheduler {

    /** Returns the time in nanoseconds since an arbitrary origin. The time never decreases. */
    long nanoTime();

    /** Returns the wall-clock time in milliseconds since 1970 (the epoch), for display only. */
    long epochMillis();

    /** Runs the task once on the scheduler's thread, after the delay or later. Callable from any thread. */
    void schedule(long delayNanos, Runnable task);
}
