package io.crowfly.bench.reload;

import io.crowfly.bench.load.AdminClient;
import io.crowfly.bench.load.AdminClient.Reload;
import java.io.IOException;
import java.time.Duration;

/** Waits for what the balancer says of each reload. */
final class ReloadWatch {

    /** The watcher takes half a second; a machine that is busy takes longer. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final AdminClient admin;
    private Reload last;

    ReloadWatch(AdminClient admin) throws IOException {
        this.admin = admin;
        this.last = admin.lastReload();
    }

    /**
     * Waits for the next reload.
     *
     * @return whether another conf is in force after it
     * @throws IOException if none comes in time
     */
    boolean next() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Reload now = admin.lastReload();
            if (!now.lastReload().equals(last.lastReload())) {
                boolean taken = now.generation() > last.generation();
                last = now;
                return taken;
            }
            Thread.sleep(20);
        }
        throw new IOException("no reload was noticed within " + PATIENCE.toSeconds() + " s");
    }

    long generation() {
        return last.generation();
    }
}
