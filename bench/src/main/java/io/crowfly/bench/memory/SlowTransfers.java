package io.crowfly.bench.memory;

import io.crowfly.bench.endpoint.BlobBytes;
import io.crowfly.bench.load.HttpCall;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Two slow transfers of {@code bench memory}: a client reads a large response slowly, and another sends a large body to
 * an endpoint that reads slowly. Both clients disconnect in the middle after a given time.
 */
final class SlowTransfers {

    /** Bytes per second that the slow client and the slow endpoint read. */
    private static final int BYTES_PER_SECOND = 1024 * 1024;

    private static final int PIECE_BYTES = 64 * 1024;

    /** Length of both bodies. It is far more than either transfer reaches. */
    private static final long BODY_BYTES = 1L << 32;

    private final CompletableFuture<Long> bytesRead;
    private final CompletableFuture<Long> bytesAhead;

    private SlowTransfers(CompletableFuture<Long> read, CompletableFuture<Long> bytesAhead) {
        this.bytesRead = read;
        this.bytesAhead = bytesAhead;
    }

    static SlowTransfers start(int port, int seconds) {
        return new SlowTransfers(
                inBackground(() -> readSlowly(port, seconds)), inBackground(() -> sendToSlowReader(port, seconds)));
    }

    private interface Work {
        long get() throws IOException, InterruptedException;
    }

    private static CompletableFuture<Long> inBackground(Work work) {
        CompletableFuture<Long> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(work.get());
                    } catch (IOException | RuntimeException | InterruptedException e) {
                        result.completeExceptionally(e);
                    }
                },
                "slow");
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    /**
     * Waits until the slow client has disconnected. Returns the number of bytes that it read; all of them were correct.
     */
    long bytesRead() throws IOException, InterruptedException {
        return result(bytesRead, "the slow reader");
    }

    /**
     * Waits until the sender has disconnected. Returns the number of bytes sent that the endpoint can't have read at
     * its rate.
     */
    long bytesAhead() throws IOException, InterruptedException {
        return result(bytesAhead, "the sender to a slow reader");
    }

    private static long result(CompletableFuture<Long> future, String description)
            throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IOException(description + " failed: " + e.getCause().getMessage(), e.getCause());
        }
    }

    private static long readSlowly(int port, int seconds) throws IOException, InterruptedException {
        try (HttpCall call = HttpCall.connect(port, PIECE_BYTES)) {
            call.get("/v1/blob?size=" + BODY_BYTES);
            if (call.status() != 200) {
                throw new IOException("status " + call.status());
            }
            byte[] received = new byte[PIECE_BYTES];
            byte[] expected = new byte[PIECE_BYTES];
            long start = System.nanoTime();
            long end = start + TimeUnit.SECONDS.toNanos(seconds);
            long total = 0;
            while (System.nanoTime() < end) {
                int count = call.readBody(received, BODY_BYTES - total);
                BlobBytes.fill(expected, total);
                if (!Arrays.equals(received, 0, count, expected, 0, count)) {
                    throw new IOException("wrong bytes at offset " + total);
                }
                total += count;
                long due = start + total * TimeUnit.SECONDS.toNanos(1) / BYTES_PER_SECOND;
                TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
            }
            return total;
        }
    }

    private static long sendToSlowReader(int port, int seconds) throws IOException, InterruptedException {
        HttpCall call = HttpCall.connect(port);
        long start = System.nanoTime();
        // After the given seconds, another thread resets the connection, because a blocked write ends only when its
        // socket is closed.
        CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS).execute(() -> reset(call));
        OutputStream body =
                call.post("/v1/sink?rate=" + BYTES_PER_SECOND, "application/octet-stream", OptionalLong.of(BODY_BYTES));
        byte[] piece = new byte[PIECE_BYTES];
        long sent = 0;
        try {
            while (sent < BODY_BYTES) {
                BlobBytes.fill(piece, sent);
                body.write(piece);
                sent += piece.length;
            }
        } catch (IOException closed) {
            double elapsedSeconds = (System.nanoTime() - start) / 1e9;
            if (elapsedSeconds < seconds) {
                throw closed;
            }
        }
        return sent - (long) seconds * BYTES_PER_SECOND;
    }

    private static void reset(HttpCall call) {
        try {
            call.reset();
        } catch (IOException ignored) {
            // The connection is closed anyway.
        }
    }
}
