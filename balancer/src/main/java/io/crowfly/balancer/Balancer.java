package io.crowfly.balancer;

import io.crowfly.balancer.admin.AdminServer;
import io.crowfly.balancer.admin.Decisions;
import io.crowfly.balancer.admin.LastReload;
import io.crowfly.balancer.admin.Operations;
import io.crowfly.balancer.admin.Pages;
import io.crowfly.balancer.exchange.Outcome;
import io.crowfly.balancer.exchange.Snapshot;
import io.crowfly.balancer.logging.AccessLogs;
import io.crowfly.balancer.logging.Logging;
import io.crowfly.balancer.metrics.AffinityCollector;
import io.crowfly.balancer.metrics.CredentialCollector;
import io.crowfly.balancer.metrics.Metrics;
import io.crowfly.balancer.metrics.StateCollector;
import io.crowfly.conf.BindAddress;
import io.crowfly.conf.Conf;
import io.crowfly.conf.ConfReader;
import io.crowfly.conf.Listener;
import io.crowfly.conf.Problem;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.Standing.Health;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running balancer that follows one conf file. Safe for use by several threads. */
public final class Balancer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Balancer.class);

    private final Metrics metrics = new Metrics(Version.CURRENT);
    private final Decisions decisions = new Decisions();
    private final AccessLogs accessLogs = new AccessLogs();
    private final Engine engine = new Engine(this::observer, metrics);
    private final AdminServer admin;
    private final Reloads reloads;
    private final AtomicBoolean draining = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CountDownLatch drained = new CountDownLatch(1);

    /** In force; written by one reload at a time. */
    private Optional<Conf> inForce = Optional.empty();

    private long generation;

    private Balancer(Path file, Map<String, String> environment) {
        metrics.include(new StateCollector(
                engine::snapshot,
                engine::ranking,
                () -> engine.listeners().connections(),
                () -> engine.listeners().refusedConnections(),
                accessLogs::dropped,
                engine::droppedObservations,
                engine.heldMemory()::taken));
        metrics.include(new CredentialCollector(engine::snapshot));
        metrics.include(new AffinityCollector(engine.affinity()));
        admin = new AdminServer(
                engine.transport(),
                engine.control(),
                new Pages(new AsOperations(), metrics, decisions, engine.loops()));
        reloads = new Reloads(file, new ConfReader(environment), this::putInForce, metrics);
    }

    /**
     * Starts on a conf file, with the process's environment.
     *
     * @throws InvalidConfException if the file can't be put in force
     */
    public static Balancer start(Path file) throws InvalidConfException {
        return start(file, System.getenv());
    }

    /** Starts on a conf file, with another environment for its {@code ${env:NAME}}. */
    static Balancer start(Path file, Map<String, String> environment) throws InvalidConfException {
        Balancer balancer = new Balancer(file, environment);
        List<Problem> problems = balancer.reload();
        if (!problems.isEmpty()) {
            balancer.close();
            throw new InvalidConfException(problems);
        }
        LOG.info(
                "crowfly {} is up: {}, {} loops, {} ms after its JVM began",
                Version.CURRENT,
                balancer.engine.transport().name(),
                balancer.engine.loops().size(),
                System.currentTimeMillis()
                        - ManagementFactory.getRuntimeMXBean().getStartTime());
        return balancer;
    }

    private Consumer<Outcome> observer(int loop) {
        Consumer<Outcome> decision = decisions.ofNextLoop();
        return outcome -> {
            metrics.count(outcome);
            decision.accept(outcome);
            accessLogs.note(outcome);
        };
    }

    /**
     * Reads the conf file again and puts it in force, or changes nothing. Blocks; not for an event loop.
     *
     * @return what is wrong with it; empty if it is in force
     */
    public List<Problem> reload() {
        return reloads.reload();
    }

    private void putInForce(Conf conf) throws IOException {
        AdminServer.Prepared preparedAdmin = admin.prepare(conf.admin().bind());
        boolean done = false;
        try {
            apply(conf);
            done = true;
        } finally {
            if (!done) {
                preparedAdmin.abandon();
            }
        }
        generation++;
        metrics.use(conf);
        Logging.labelRegion(conf.region());
        LOG.info("conf generation {} is in force", generation);
        logNewListeners(conf);
        preparedAdmin.commit();
        inForce = Optional.of(conf);
    }

    private void apply(Conf conf) throws IOException {
        AccessLogs.Prepared preparedLog = accessLogs.prepare(conf.accessLog(), conf.region());
        boolean done = false;
        try {
            metrics.expect(conf.backends());
            engine.apply(conf, generation + 1);
            done = true;
        } finally {
            if (!done) {
                inForce.ifPresent(metrics::use);
                preparedLog.abandon();
            }
        }
        preparedLog.commit();
    }

    private void logNewListeners(Conf conf) {
        List<Listener> before = inForce.map(Conf::listeners).orElse(List.of());
        for (Listener listener : conf.listeners()) {
            if (!before.contains(listener)) {
                BindAddress bind = listener.bind() instanceof BindAddress.Tcp tcp
                        ? new BindAddress.Tcp(tcp.host(), port(listener.name()))
                        : listener.bind();
                LOG.info(
                        "listener {} is on {}{}",
                        listener.name(),
                        bind,
                        listener.tls().isPresent() ? ", TLS" : "");
            }
        }
    }

    /** The port that a listener is bound to. */
    public int port(String listener) {
        return engine.listeners().port(listener);
    }

    /** The port that the admin is bound to. */
    public int adminPort() {
        return admin.port();
    }

    /**
     * Begins to end: is not ready from now on, accepts no more connections, and lets requests under way finish within
     * {@code timeouts.drain}. Returns at once; more than one call does no more than one.
     */
    public void drain() {
        if (draining.compareAndSet(false, true)) {
            new Thread(this::finish, "crowfly-drain").start();
        }
    }

    private void finish() {
        try {
            reloads.close();
            Conf conf = engine.snapshot().conf();
            LOG.info(
                    "draining: {} client connections are open and have {} s",
                    engine.listeners().connections(),
                    conf.timeouts().drain().toSeconds());
            if (engine.drain()) {
                LOG.info("drained");
            } else {
                LOG.warn(
                        "not drained in time: {} client connections are broken off",
                        engine.listeners().connections());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            drained.countDown();
        }
    }

    /** Waits until a {@link #drain} that somebody has asked for, or will ask for, is over. */
    public void awaitDrained() throws InterruptedException {
        drained.await();
    }

    /** Ends at once. More than one call does no more than one. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        reloads.close();
        admin.close();
        engine.close();
        accessLogs.close();
    }

    private final class AsOperations implements Operations {

        @Override
        public Snapshot snapshot() {
            return engine.snapshot();
        }

        @Override
        public Ranking ranking() {
            return engine.ranking();
        }

        @Override
        public Optional<String> unready() {
            if (draining.get()) {
                return Optional.of("draining");
            }
            return engine.ranking().standings().stream().anyMatch(standing -> standing.health() == Health.HEALTHY)
                    ? Optional.empty()
                    : Optional.of("no backend is healthy");
        }

        @Override
        public LastReload lastReload() {
            return reloads.last();
        }

        @Override
        public List<Problem> reload() {
            return reloads.reload();
        }

        @Override
        public void drain() {
            Balancer.this.drain();
        }
    }
}
