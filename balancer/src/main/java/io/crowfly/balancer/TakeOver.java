package io.crowfly.balancer;

import io.crowfly.balancer.admin.AdminServer;
import io.crowfly.conf.BindAddress;
import io.crowfly.conf.Conf;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.state.StateFormatException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * Order of a take-over, so that the old process keeps all traffic if this one does not come up:
 *
 * 1. This process reads its conf, obtains credentials and probes its backends, without listeners.
 * 2. Once it is ready, it fetches what the old process has learned, and binds its listeners beside the old ones.
 * 3. The kernel sends new connections to this process only (NewConnections).
 * 4. The old process releases its admin address, accepts what has arrived before step 3, and drains.
 * 5. This process binds the admin address.
 */

/** The new process's part of the replacement of a process. Confined to the thread that starts the process. */
final class TakeOver {

    private static final Logger LOG = LoggerFactory.getLogger(TakeOver.class);

    /** How long a process may need until a backend is healthy. */
    private static final Duration READY_TIMEOUT = Duration.ofSeconds(30);

    /**
     * How long the old process accepts connections after the new one does: longer than handshakes take, also if a
     * packet is lost and sent again after a second.
     */
    private static final Duration MAX_ACCEPTING = Duration.ofSeconds(2);

    /** Part of the drain timeout in which connections may be accepted, as a divisor. */
    private static final int ACCEPTING_SHARE = 4;

    private static final Duration BIND_TIMEOUT = Duration.ofSeconds(5);

    private static final long POLL_MILLIS = 10;

    private final Predecessor predecessor;
    private final Engine engine;

    TakeOver(Predecessor predecessor, Engine engine) {
        this.predecessor = predecessor;
        this.engine = engine;
    }

    /** Returns for how long an old process with this drain timeout accepts connections. */
    static Duration acceptingTime(Duration drain) {
        Duration share = drain.dividedBy(ACCEPTING_SHARE);
        return share.compareTo(MAX_ACCEPTING) < 0 ? share : MAX_ACCEPTING;
    }

    /** Returns whether the old process will release this address: its admin listens there. */
    boolean releases(BindAddress address) {
        return address instanceof BindAddress.Tcp tcp && tcp.port() == predecessor.adminPort();
    }

    static Conf withoutListeners(Conf conf) {
        return new Conf(
                conf.region(),
                List.of(),
                conf.admin(),
                conf.backends(),
                conf.routing(),
                conf.timeouts(),
                conf.limits(),
                conf.state(),
                conf.accessLog(),
                conf.traceDecisions());
    }

    /**
     * Waits until this process is ready, and continues with what the old process has learned.
     *
     * @throws IOException if no backend is healthy in time
     */
    void inherit() throws IOException {
        try {
            awaitReady();
            engine.inherit(predecessor.learned())
                    .forEach(skipped -> LOG.warn("not taken over from the old instance: {}", skipped));
        } catch (StateFormatException e) {
            LOG.warn("what the old instance has learned is not taken over: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while taking over", e);
        }
    }

    private void awaitReady() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + READY_TIMEOUT.toNanos();
        while (!isReady(false)) {
            if (System.nanoTime() > deadline) {
                if (isReady(true)) {
                    return;
                }
                throw new IOException("no backend was healthy within " + READY_TIMEOUT.toSeconds()
                        + " s, so the old instance keeps the traffic");
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    /** @param someAreEnough whether backends that this process has not probed yet do not matter */
    private boolean isReady(boolean someAreEnough) {
        List<BackendSnapshot> snapshots = engine.ranking().snapshots();
        return snapshots.stream().anyMatch(snapshot -> snapshot.health() == Health.HEALTHY)
                && (someAreEnough || snapshots.stream().noneMatch(snapshot -> snapshot.health() == Health.UNKNOWN));
    }

    /** Lets the old process drain, and binds the admin address if the old process had it. */
    void complete(AdminServer admin, BindAddress adminBind) {
        boolean diverted = engine.listeners().divertNewConnections(predecessor.socketsPerAddress());
        if (!diverted) {
            LOG.warn(
                    "the kernel does not send all new connections to this process while the old one drains, so some may be"
                            + " reset; to avoid this, use the transport io_uring or epoll, or set net.ipv4.tcp_migrate_req to 1");
        }
        try {
            long acceptsForMillis = predecessor.handOver();
            if (diverted) {
                endDiversionAfter(acceptsForMillis);
            }
            if (!admin.isBound()) {
                bindAdmin(admin, adminBind);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void endDiversionAfter(long acceptsForMillis) {
        // Later than the old process closes its sockets. Until then the diversion must stay.
        engine.control().schedule(engine.listeners()::endDiversion, 2 * acceptsForMillis, TimeUnit.MILLISECONDS);
    }

    /** Binds the address. If the old process has died or is blocked, its address may become free a little later. */
    private static void bindAdmin(AdminServer admin, BindAddress bind) throws InterruptedException {
        long deadline = System.nanoTime() + BIND_TIMEOUT.toNanos();
        while (true) {
            try {
                admin.prepare(bind).commit();
                return;
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    LOG.error(
                            "{}; this instance serves requests without its admin. End the other process, and reload"
                                    + " this one with SIGHUP",
                            e.getMessage());
                    return;
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
        }
    }
}
