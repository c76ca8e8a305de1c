package io.crowfly.balancer.logging;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.concurrent.atomic.LongAdder;

/**
 * Bounded queue between the event loops and the writer of the access log. If the queue is full, lines are dropped and
 * counted, so that no event loop waits.
 */
final class LossyQueue extends AsyncAppender {

    /** Capacity: the lines of one second at 16,000 requests a second; a few MiB when full. */
    private static final int CAPACITY = 16 * 1024;

    /**
     * Lines are dropped if fewer slots are free. More than the threads that add at the same time, so that a slot is
     * still free after the check.
     */
    private static final int RESERVE = 256;

    private final LongAdder dropped = new LongAdder();

    LossyQueue() {
        setQueueSize(CAPACITY);
        setDiscardingThreshold(RESERVE);
        setNeverBlock(true);
    }

    /** Counts a dropped line. Logback calls this method only when the queue is nearly full. */
    @Override
    protected boolean isDiscardable(ILoggingEvent event) {
        dropped.increment();
        return true;
    }

    /** Does nothing: the outcome is immutable and needs no preparation for another thread. */
    @Override
    protected void preprocess(ILoggingEvent event) {}

    long dropped() {
        return dropped.sum();
    }
}
