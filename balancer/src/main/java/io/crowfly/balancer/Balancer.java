package io.crowfly.balancer;

import io.crowfly.balancer.admin.AdminPages;
import io.crowfly.balancer.admin.AdminServer;
import io.crowfly.balancer.admin.BalancerControl;
import io.crowfly.balancer.admin.LastReload;
import io.crowfly.balancer.admin.decision.RecentDecisions;
import io.crowfly.balancer.attempt.Snapshot;
import io.crowfly.balancer.exchange.Outcome;
import io.crowfly.balancer.logging.AccessLogWriter;
import io.crowfly.balancer.logging.LogProperties;
import io.crowfly.balancer.metrics.AffinityCollector;
import io.crowfly.balancer.metrics.CredentialCollector;
import io.crowfly.balancer.metrics.MemoryCollector;
import io.crowfly.balancer.metrics.Metrics;
import io.crowfly.balancer.metrics.SnapshotCollector;
import io.crowfly.balancer.transport.BindFailedException;
import io.crowfly.balancer.transport.DirectMemory;
import io.crowfly.conf.BindAddress;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Listener;
import io.crowfly.conf.Problem;
import io.crowfly.conf.file.LastGoodConf;
import io.crowfly.conf.read.ConfReader;
import io.crowfly.conf.read.JvmMemory;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.Ranking;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running balancer, with its admin server, that follows the changes of one conf file until it is drained or closed.
 * Safe for use by several threads.
 */
public final class Balancer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Balancer.class);

    /** Exit code of a process in which an event loop has ended or is blocked. */
    static final int LOOP_FAILED = 3;

    private final Metrics metrics = new Metrics(Version.CURRENT);
    private final RecentDecisions decisions = RecentDecisions.ofJvm();
    private final AccessLogWriter accessLogs = new AccessLogWriter();
    private final Engine engine = new Engine(this::outcomeObserver, metrics);
    private final AdminServer admin;
    private final ConfReloader reloads;
    private final Watchdog watchdog;
    private final SystemdNotifier systemd;
    private final IntConsumer halt;
    private final Drain drain;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** The conf in force. Only a reload writes the field, and reloads do not overlap. */
    private Optional<Conf> confInForce = Optional.empty();

    private long generation;

    /** Id of this process, so that a process that takes over cannot drain another one. */
    private final String instance = UUID.randomUUID().toString();

    /** The process that this one replaces, until it is replaced. */
    private Optional<TakeOver> takeOver;

    private Balancer(
            Path file,
            Map<String, String> environment,
            Optional<LastGoodConf> lastGood,
            boolean startsFromLastGood,
            Optional<Predecessor> predecessor,
            IntConsumer halt) {
        this.halt = halt;
        takeOver = predecessor.map(found -> new TakeOver(found, engine));
        systemd = SystemdNotifier.of(environment);
        watchdog = new Watchdog(engine.heartbeats(), this::haltUnlessDraining, systemd::heartbeat);
        metrics.register(new SnapshotCollector(
                engine::snapshot,
                engine::ranking,
                () -> engine.listeners().connections(),
                () -> engine.listeners().refusedConnections(),
                accessLogs::droppedLines,
                engine::droppedObservations,
                engine.heldMemory()::reservedBytes));
        metrics.register(new MemoryCollector(engine.directMemory()));
        metrics.register(new CredentialCollector(engine::snapshot));
        metrics.register(new AffinityCollector(engine.affinity()));
        admin = new AdminServer(
                engine.transport(),
                engine.directMemory(),
                engine.control(),
                new AdminPages(new EngineControl(), metrics, decisions, engine.loops()));
        reloads = new ConfReloader(
                file, confReader(environment), this::putInForce, lastGood, startsFromLastGood, metrics, systemd);
        drain = new Drain(engine, reloads, admin, watchdog, systemd, halt);
    }

    /**
     * Starts a balancer on a conf file with the environment of the process.
     *
     * @throws InvalidConfException if the conf has problems or can't be put in force
     */
    public static Balancer start(Path file) throws InvalidConfException {
        return start(file, System.getenv());
    }

    /**
     * Starts a balancer on a conf file. References such as {@code ${env:NAME}} are resolved in the given environment.
     */
    public static Balancer start(Path file, Map<String, String> environment) throws InvalidConfException {
        return start(file, environment, Optional.empty(), false, Optional.empty(), status -> {});
    }

    /**
     * Starts a balancer that owns the process.
     *
     * @param lastGood keeps a copy of each conf that took effect; absent: no copy is kept
     * @param startsFromLastGood whether the copy is put in force if the file has problems
     * @param predecessor the process that this one replaces
     * @param halt ends the process at once with an exit code. Called when an event loop has ended or is blocked, and
     *     when a drain takes longer than {@code timeouts.drain}
     */
    static Balancer start(
            Path file,
            Map<String, String> environment,
            Optional<LastGoodConf> lastGood,
            boolean startsFromLastGood,
            Optional<Predecessor> predecessor,
            IntConsumer halt)
            throws InvalidConfException {
        Balancer balancer = new Balancer(file, environment, lastGood, startsFromLastGood, predecessor, halt);
        List<Problem> problems = balancer.reload();
        if (!problems.isEmpty() && startsFromLastGood && lastGood.isPresent()) {
            problems = balancer.reloads.useLastGood(lastGood.get());
        }
        if (!problems.isEmpty()) {
            balancer.close();
            throw new InvalidConfException(problems);
        }
        balancer.completeTakeOver();
        balancer.watchdog.start();
        LOG.info(
                "crowfly {} started: transport {}, {} event loops, {} ms after the start of the JVM",
                Version.CURRENT,
                balancer.engine.transport().name(),
                balancer.engine.loops().size(),
                System.currentTimeMillis()
                        - ManagementFactory.getRuntimeMXBean().getStartTime());
        balancer.systemd.ready();
        return balancer;
    }

    /** Returns a reader of confs that are to run in this JVM, and so must fit into its memory. */
    static ConfReader confReader(Map<String, String> environment) {
        return new ConfReader(
                environment,
                new JvmMemory(
                        Runtime.getRuntime().maxMemory(), DirectMemory.ofJvm().maxBytes()));
    }

    private Consumer<Outcome> outcomeObserver(int loop) {
        Consumer<Outcome> decisionRecorder = decisions.recorderOfNextLoop();
        return outcome -> {
            metrics.count(outcome);
            decisionRecorder.accept(outcome);
            accessLogs.append(outcome);
        };
    }

    /**
     * Reads the conf file again and puts the conf in force. If the file has problems, nothing changes. Blocks, so it
     * must not be called on an event loop.
     *
     * @return the problems of the file; empty if the conf is in force
     */
    public List<Problem> reload() {
        return reloads.reload();
    }

    private void putInForce(Conf conf) throws IOException {
        Optional<AdminServer.PreparedSocket> preparedAdmin = prepareAdmin(conf);
        boolean succeeded = false;
        try {
            if (takeOver.isPresent()) {
                // Listeners are bound last, so that no connection waits here for a process that does not come up.
                applyToEngine(TakeOver.withoutListeners(conf));
                takeOver.get().inherit();
            }
            applyToEngine(conf);
            succeeded = true;
        } finally {
            if (!succeeded) {
                preparedAdmin.ifPresent(AdminServer.PreparedSocket::abandon);
            }
        }
        generation++;
        metrics.activate(conf);
        LogProperties.setRegion(conf.region());
        LOG.info("conf generation {} is in force", generation);
        logNewListeners(conf);
        preparedAdmin.ifPresent(AdminServer.PreparedSocket::commit);
        confInForce = Optional.of(conf);
    }

    /** Returns the socket; empty if the process that this one replaces has the address, and will release it. */
    private Optional<AdminServer.PreparedSocket> prepareAdmin(Conf conf) throws IOException {
        try {
            return Optional.of(admin.prepare(conf.admin().bind()));
        } catch (BindFailedException e) {
            if (e.isInUse()
                    && takeOver.isPresent()
                    && takeOver.get().releases(conf.admin().bind())) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Lets the process that this one replaces drain, now that this one accepts connections. */
    private void completeTakeOver() {
        takeOver.ifPresent(inProgress -> {
            takeOver = Optional.empty();
            inProgress.complete(admin, engine.snapshot().conf().admin().bind());
        });
    }

    private void applyToEngine(Conf conf) throws IOException {
        AccessLogWriter.PreparedStream preparedAccessLog = accessLogs.prepare(conf.accessLog(), conf.region());
        boolean succeeded = false;
        try {
            metrics.prepare(conf.backends());
            engine.apply(conf, generation + 1);
            succeeded = true;
        } finally {
            if (!succeeded) {
                confInForce.ifPresent(metrics::activate);
                preparedAccessLog.abandon();
            }
        }
        preparedAccessLog.commit();
    }

    private void logNewListeners(Conf conf) {
        List<Listener> previousListeners = confInForce.map(Conf::listeners).orElse(List.of());
        for (Listener listener : conf.listeners()) {
            if (!previousListeners.contains(listener)) {
                BindAddress bind = listener.bind() instanceof BindAddress.Tcp tcp
                        ? new BindAddress.Tcp(tcp.host(), port(listener.name()))
                        : listener.bind();
                LOG.info(
                        "listener {} is bound to {}{}",
                        listener.name(),
                        bind,
                        listener.tls().isPresent() ? ", TLS" : "");
            }
        }
    }

    /** Returns the TCP port to which a listener is bound. */
    public int port(String listener) {
        return engine.listeners().port(listener);
    }

    /** Returns the TCP port to which the admin server is bound. */
    public int adminPort() {
        return admin.port();
    }

    /**
     * Starts to drain: {@code /readyz} responds 503, listeners accept no more connections, and requests in progress may
     * finish. A process of its own ends within {@code timeouts.drain}. Returns at once. Further calls have no effect.
     */
    public void drain() {
        drain.begin();
    }

    /** A drain has its own deadline, and lets the requests of the loops that run finish. */
    private void haltUnlessDraining() {
        if (!drain.hasBegun()) {
            halt.accept(LOOP_FAILED);
        }
    }

    /** Blocks until a drain is complete. The drain may start before or after this call. */
    public void awaitDrained() throws InterruptedException {
        drain.awaitFinished();
    }

    /** Closes all connections at once. Further calls have no effect. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        watchdog.close();
        reloads.close();
        admin.close();
        engine.close();
        accessLogs.close();
        systemd.close();
        drain.completeShutdown();
    }

    private final class EngineControl implements BalancerControl {

        @Override
        public Snapshot snapshot() {
            return engine.snapshot();
        }

        @Override
        public Ranking ranking() {
            return engine.ranking();
        }

        @Override
        public Optional<String> failure() {
            return watchdog.failure();
        }

        @Override
        public Optional<String> notReadyReason() {
            if (failure().isPresent()) {
                return failure();
            } else if (drain.hasBegun()) {
                return Optional.of("draining");
            }
            return engine.ranking().snapshots().stream().anyMatch(standing -> standing.health() == Health.HEALTHY)
                    ? Optional.empty()
                    : Optional.of("no backend is healthy");
        }

        @Override
        public LastReload lastReload() {
            return reloads.lastReload();
        }

        @Override
        public List<Problem> reload() {
            return reloads.reload();
        }

        @Override
        public void drain() {
            Balancer.this.drain();
        }

        @Override
        public Map<String, Object> learned() {
            return new Learned(
                            instance,
                            Version.CURRENT,
                            engine.loops().size(),
                            engine.learnedOfBackends(),
                            engine.affinity().latest(Learned.MAX_OWNERS))
                    .tree();
        }

        @Override
        public Optional<Duration> handOver(String toInstanceOf) {
            return toInstanceOf.equals(instance) ? Optional.of(drain.handOver()) : Optional.empty();
        }
    }
}
