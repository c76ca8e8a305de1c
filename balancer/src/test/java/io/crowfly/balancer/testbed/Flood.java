package io.crowfly.balancer.testbed;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/** Data that is written to a connection as fast as the other side reads, and the count of the bytes written. */
public final class Flood {

    private static final int BLOCK = 64 << 10;

    private final long bytes;
    private final AtomicLong written = new AtomicLong();

    public Flood(long bytes) {
        this.bytes = bytes;
    }

    public AtomicLong written() {
        return written;
    }

    public void writeTo(RawConnection connection) throws IOException {
        byte[] block = new byte[BLOCK];
        while (written.get() < bytes) {
            connection.write(block);
            written.addAndGet(block.length);
        }
    }

    /** Writes in a thread of its own, which ends when all is written or the connection is closed. */
    public Thread startTo(RawConnection connection) {
        Thread thread = new Thread(() -> {
            try {
                writeTo(connection);
            } catch (IOException e) {
                // The test, or the balancer, has closed the connection.
            }
        });
        thread.start();
        return thread;
    }
}
