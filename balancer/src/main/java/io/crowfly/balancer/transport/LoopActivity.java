package io.crowfly.balancer.transport;

import io.netty.util.concurrent.FastThreadLocal;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Count of what one event loop has done on its sockets. While a loop handles many ready sockets, it runs no task for a
 * long time, but this count shows that the loop is not blocked. Written by the loop, read by any thread.
 */
public final class LoopActivity {

    private static final FastThreadLocal<LoopActivity> CURRENT = new FastThreadLocal<>() {
        @Override
        protected LoopActivity initialValue() {
            return new LoopActivity();
        }
    };

    private final AtomicLong count = new AtomicLong();

    private LoopActivity() {}

    /** Returns the count of the event loop that runs on the current thread. */
    public static LoopActivity ofThisLoop() {
        return CURRENT.get();
    }

    /** Counts one read or accepted connection. Costs no more than a plain counter, because only the loop writes. */
    public void increment() {
        count.lazySet(count.getPlain() + 1);
    }

    public long count() {
        return count.get();
    }
}
