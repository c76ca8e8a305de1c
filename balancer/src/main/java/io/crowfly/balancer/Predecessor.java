package io.crowfly.balancer;

import io.crowfly.balancer.admin.JsonTree;
import io.crowfly.probes.state.StateFormatException;
import java.io.IOException;
import java.net.ConnectException;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process that this process replaces, as its admin server shows it. Confined to the thread that starts the process.
 */
final class Predecessor {

    private static final Logger LOG = LoggerFactory.getLogger(Predecessor.class);

    private static final String LEARNED = "/learned";

    /** What a process has learned, and when. */
    record Inheritance(Learned learned, long writtenAtNanos) {}

    private final AdminClient admin;
    private Inheritance last;

    private Predecessor(AdminClient admin, Inheritance first) {
        this.admin = admin;
        last = first;
    }

    /**
     * Connects to the process.
     *
     * @return empty if no process listens on the address; then this process starts as usual
     * @throws IOException if the process does not respond as expected
     */
    static Optional<Predecessor> connect(AdminClient admin) throws IOException, InterruptedException {
        try {
            Predecessor found = new Predecessor(admin, fetch(admin));
            LOG.info(
                    "replacing the instance at {}, version {}",
                    admin,
                    found.last.learned().version());
            return Optional.of(found);
        } catch (IOException e) {
            if (e.getCause() instanceof ConnectException) {
                LOG.warn("no instance responds at {}, so there is nothing to take over; starting as usual", admin);
                return Optional.empty();
            }
            throw e;
        }
    }

    private static Inheritance fetch(AdminClient admin) throws IOException, InterruptedException {
        long atNanos = System.nanoTime();
        try {
            return new Inheritance(Learned.of(JsonTree.read(admin.get(LEARNED))), atNanos);
        } catch (StateFormatException e) {
            throw new IOException("the instance at " + admin + " has sent an unknown document: " + e.getMessage(), e);
        }
    }

    /** Returns what the process has learned by now; if it does not respond any more, what it had learned before. */
    Inheritance learned() throws InterruptedException {
        try {
            Inheritance newest = fetch(admin);
            if (newest.learned().instance().equals(last.learned().instance())) {
                last = newest;
            }
        } catch (IOException e) {
            LOG.warn("the old instance does not respond any more ({}); this one continues", e.getMessage());
        }
        return last;
    }

    int adminPort() {
        return admin.port();
    }

    /** Returns the number of sockets that the process has on each of its addresses. */
    int socketsPerAddress() {
        return last.learned().eventLoops();
    }

    /**
     * Releases the process's admin address and lets the process drain. When this method returns, the address is free.
     *
     * @return for how long the process still accepts connections, in milliseconds; 0 if it does not respond any more
     */
    long handOver() throws InterruptedException {
        try {
            Map<String, Object> response = JsonTree.read(
                    admin.post("/hand-over?instance=" + last.learned().instance()));
            return response.get("acceptsForMillis") instanceof Long millis ? millis : 0;
        } catch (IOException e) {
            LOG.warn(
                    "the old instance at {} could not be drained ({}); this one continues. If the old process still "
                            + "runs, end it with SIGTERM",
                    admin,
                    e.getMessage());
            return 0;
        }
    }
}
