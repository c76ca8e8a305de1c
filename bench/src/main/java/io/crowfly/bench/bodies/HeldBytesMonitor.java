package io.crowfly.bench.bodies;

import io.crowfly.bench.load.AdminClient;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Monitor of a balancer's memory for held bodies: polls {@code crowfly_held_bytes} ten times per second and keeps the
 * maximum.
 */
final class HeldBytesMonitor implements AutoCloseable {

    private static final long INTERVAL_MILLIS = 100;

    private final AdminClient admin;
    private final Thread poller = new Thread(this::poll, "held-watch");
    private volatile long maxBytes;
    private volatile @Nullable IOException failure;

    private HeldBytesMonitor(AdminClient admin) {
        this.admin = admin;
        poller.setDaemon(true);
    }

    static HeldBytesMonitor start(AdminClient admin) {
        HeldBytesMonitor watch = new HeldBytesMonitor(admin);
        watch.poller.start();
        return watch;
    }

    private void poll() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                maxBytes = Math.max(maxBytes, admin.heldBytes());
                Thread.sleep(INTERVAL_MILLIS);
            }
        } catch (IOException e) {
            failure = e;
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Returns the maximum so far.
     *
     * @throws IOException if the balancer no longer responds
     */
    long maxBytes() throws IOException {
        IOException cause = failure;
        if (cause != null) {
            throw new IOException("the balancer does not report its held bytes: " + cause.getMessage(), cause);
        }
        return maxBytes;
    }

    /** Stops polling. Waits for the end of a call in progress. */
    @Override
    public void close() throws InterruptedException {
        poller.interrupt();
        poller.join();
    }
}
