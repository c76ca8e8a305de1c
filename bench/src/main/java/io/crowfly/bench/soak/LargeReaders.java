package io.crowfly.bench.soak;

import io.crowfly.bench.load.HttpCall;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Clients of {@code bench soak} that read responses of 10 MiB, one after the other, each at a limited rate. Such
 * responses pass inside the kernel (splice). A response is cut if its head was received and its end was not.
 */
final class LargeReaders implements AutoCloseable {

    private static final int PIECE_BYTES = 64 * 1024;

    private final int port;
    private final long bytesPerSecond;
    private final LongAdder complete = new LongAdder();
    private final LongAdder cut = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean closing;

    /** @param bytesPerSecond rate at which each client reads */
    LargeReaders(int port, int clients, long bytesPerSecond) {
        this.port = port;
        this.bytesPerSecond = bytesPerSecond;
        for (int i = 0; i < clients; i++) {
            Thread thread = new Thread(this::run, "large-reader");
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
    }

    private void run() {
        byte[] piece = new byte[PIECE_BYTES];
        while (!closing) {
            boolean begun = false;
            try (HttpCall call = HttpCall.connect(port, PIECE_BYTES)) {
                call.get("/10m");
                begun = call.status() == 200;
                if (!begun) {
                    failed.increment();
                    continue;
                }
                read(call, piece);
                complete.increment();
            } catch (IOException e) {
                (begun ? cut : failed).increment();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void read(HttpCall call, byte[] piece) throws IOException, InterruptedException {
        long length = call.contentLength();
        long start = System.nanoTime();
        for (long total = 0; total < length; ) {
            total += call.readBody(piece, length - total);
            long due = start + total * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
            TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
        }
    }

    long complete() {
        return complete.sum();
    }

    /** Returns the number of responses that ended in the middle. */
    long cut() {
        return cut.sum();
    }

    /** Returns the number of requests without a successful head. */
    long failed() {
        return failed.sum();
    }

    /** Ends the clients after their present responses. */
    @Override
    public void close() throws InterruptedException {
        closing = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
