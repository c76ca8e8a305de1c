package io.crowfly.probes;

/**
 * Time, and one thread to act on. The balancer's is an event loop; the simulator's is its queue of events.
 */
public interface Scheduler {

    /** Nanoseconds from an arbitrary origin, never going back. */
    long nanoTime();

    /** Milliseconds since the epoch, for showing to people only. */
    long epochMillis();

    /** Runs the task once on this timeline's one thread, no sooner than the delay from now. Callable from any thread. */
    void schedule(long delayNanos, Runnable task);
}
