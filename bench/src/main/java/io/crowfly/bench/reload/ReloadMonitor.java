package io.crowfly.bench.reload;

import io.crowfly.bench.load.AdminClient;
import io.crowfly.bench.load.AdminClient.Reload;
import java.io.IOException;
import java.time.Duration;

/** Monitor of the balancer's reloads in {@code bench reload}: waits until the admin reports the next reload. */
final class ReloadMonitor {

    /** Limit of the wait for one reload. The balancer's file watcher takes half a second; a busy machine is slower. */
    private static final Duration RELOAD_TIMEOUT = Duration.ofSeconds(30);

    private final AdminClient admin;
    private Reload last;

    ReloadMonitor(AdminClient admin) throws IOException {
        this.admin = admin;
        this.last = admin.lastReload();
    }

    /**
     * Waits for the next reload.
     *
     * @return whether a new conf is in force after the reload
     * @throws IOException if there is no reload in time
     */
    boolean awaitNext() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + RELOAD_TIMEOUT.toNanos();
        while (System.nanoTime() < deadline) {
            Reload now = admin.lastReload();
            if (!now.lastReload().equals(last.lastReload())) {
                boolean accepted = now.generation() > last.generation();
                last = now;
                return accepted;
            }
            Thread.sleep(20);
        }
        throw new IOException("no reload happened within " + RELOAD_TIMEOUT.toSeconds() + " s");
    }

    long generation() {
        return last.generation();
    }
}
