package io.crowfly.probes;

/** Clock and single-threaded executor. In the balancer this is an event loop, in the simulator its queue of events. */
public interface Scheduler {

    /** Returns nanoseconds from an arbitrary origin; never decreases. */
    long nanoTime();

    /** Returns milliseconds since the epoch, for display only. */
    long epochMillis();

    /** Runs the task once on the scheduler's thread, after the delay or later. Callable from any thread. */
    void schedule(long delayNanos, Runnable task);
}
