package io.crowfly.bench.replace;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Threads that repeat one call until they are closed, and count completed and failed calls. */
final class Clients implements AutoCloseable {

    /** Pause after a failure, so that a process that does not respond gives hundreds of failures and not millions. */
    private static final long PAUSE_MILLIS = 20;

    /** A call, which may have several requests. */
    interface Call {
        /** @throws IOException if the call fails */
        void make() throws IOException, InterruptedException;
    }

    private final String name;
    private final Call call;
    private final List<Thread> threads = new ArrayList<>();
    private final LongAdder completed = new LongAdder();
    private final AtomicLong failed = new AtomicLong();
    private final ConcurrentLinkedQueue<String> reasons = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    Clients(String name, int count, Call call) {
        this.name = name;
        this.call = call;
        for (int i = 0; i < count; i++) {
            threads.add(new Thread(this::repeat, name + "-" + i));
        }
        threads.forEach(Thread::start);
    }

    private void repeat() {
        try {
            while (!closed) {
                try {
                    call.make();
                    completed.increment();
                } catch (IOException e) {
                    failed.incrementAndGet();
                    reasons.add(name + ": " + e);
                    Thread.sleep(PAUSE_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    String name() {
        return name;
    }

    long completed() {
        return completed.sum();
    }

    long failed() {
        return failed.get();
    }

    /** Returns descriptions of failures, for diagnosis. */
    List<String> reasons() {
        return List.copyOf(reasons);
    }

    /** Stops the threads after their present calls. */
    @Override
    public void close() throws InterruptedException {
        closed = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
