package io.crowfly.bench.bodies;

import io.crowfly.bench.load.AdminClient;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Asks a balancer ten times a second how much memory it has set aside for bodies that wait, and keeps the most. */
final class HeldWatch implements AutoCloseable {

    private static final long EVERY_MILLIS = 100;

    private final AdminClient admin;
    private final Thread asking = new Thread(this::ask, "held-watch");
    private volatile long mostBytes;
    private volatile @Nullable IOException failure;

    private HeldWatch(AdminClient admin) {
        this.admin = admin;
        asking.setDaemon(true);
    }

    static HeldWatch start(AdminClient admin) {
        HeldWatch watch = new HeldWatch(admin);
        watch.asking.start();
        return watch;
    }

    private void ask() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                mostBytes = Math.max(mostBytes, admin.heldBytes());
                Thread.sleep(EVERY_MILLIS);
            }
        } catch (IOException e) {
            failure = e;
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * The most so far.
     *
     * @throws IOException if the balancer ceased to tell
     */
    long mostBytes() throws IOException {
        IOException cause = failure;
        if (cause != null) {
            throw new IOException("the balancer doesn't tell what it holds: " + cause.getMessage(), cause);
        }
        return mostBytes;
    }

    /** Ends the asking; may take as long as one answer. */
    @Override
    public void close() throws InterruptedException {
        asking.interrupt();
        asking.join();
    }
}
