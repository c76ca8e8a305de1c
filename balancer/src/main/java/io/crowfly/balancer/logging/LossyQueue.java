package io.crowfly.balancer.logging;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.concurrent.atomic.LongAdder;

/** A bounded queue before a slow writer that rather loses a line than make a loop wait, and counts what it loses. */
final class LossyQueue extends AsyncAppender {

    /** A second's worth at 16,000 requests a second; some MiB when full. */
    private static final int CAPACITY = 16 * 1024;

    /** More than there are threads that put in at once: the room for one is still there after it was asked for. */
    private static final int RESERVE = 256;

    private final LongAdder dropped = new LongAdder();

    LossyQueue() {
        setQueueSize(CAPACITY);
        setDiscardingThreshold(RESERVE);
        setNeverBlock(true);
    }

    /** Asked only when there is no room. */
    @Override
    protected boolean isDiscardable(ILoggingEvent event) {
        dropped.increment();
        return true;
    }

    /** The outcome is immutable: there is nothing to make ready for another thread. */
    @Override
    protected void preprocess(ILoggingEvent event) {}

    long dropped() {
        return dropped.sum();
    }
}
