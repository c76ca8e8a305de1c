package io.crowfly.balancer;

import io.crowfly.balancer.affinity.Affinity;
import io.crowfly.balancer.attempt.RetryBudget;
import io.crowfly.balancer.attempt.Snapshot;
import io.crowfly.balancer.attempt.Upstream;
import io.crowfly.balancer.credential.Credentials;
import io.crowfly.balancer.exchange.Exchanges;
import io.crowfly.balancer.exchange.Outcome;
import io.crowfly.balancer.listener.ListenerLoop;
import io.crowfly.balancer.listener.Listeners;
import io.crowfly.balancer.listener.TimeoutSweep;
import io.crowfly.balancer.message.HeldMemory;
import io.crowfly.balancer.prober.EventLoopScheduler;
import io.crowfly.balancer.prober.UpstreamProber;
import io.crowfly.balancer.provider.ModelsEndpoint;
import io.crowfly.balancer.routing.Planner;
import io.crowfly.balancer.routing.RoutingTable;
import io.crowfly.balancer.transport.DirectMemory;
import io.crowfly.balancer.transport.Transport;
import io.crowfly.balancer.upstream.BackendUpstream;
import io.crowfly.balancer.upstream.Upstreams;
import io.crowfly.balancer.upstream.address.AddressBook;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Conf;
import io.crowfly.probes.ProbeListener;
import io.crowfly.probes.Probes;
import io.crowfly.probes.Ranking;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/*
 * The conf and the ranking change while the engine runs, and an event loop must never use a new conf with an old
 * ranking, or the reverse. Both are therefore combined into one Snapshot under one lock, which only a reload and the
 * control loop acquire. One volatile write publishes the Snapshot.
 *
 * A reload first prepares everything: it binds sockets, reads certificates and creates upstreams. Only this part can
 * fail, and then nothing has changed. The commit after it cannot fail.
 */

/**
 * Data plane of one balancer: starts event loops, listeners, upstreams and probes, and puts one conf at a time in force
 * for all of them.
 */
final class Engine implements AutoCloseable {

    /** System property that sets the number of event loops for traffic. The default is one per processor. */
    static final String EVENT_LOOPS_PROPERTY = "crowfly.event-loops";

    /**
     * Time that {@link #close} waits between the last closes of connections and the end of their event loops. With
     * io_uring a close needs a round trip to the kernel.
     */
    private static final long LAST_CLOSES_WAIT_MILLIS = 20;

    /**
     * Maximum time that a reload waits for the first credentials. A token service that works needs less, and an
     * operator should not have to wait longer.
     */
    private static final Duration FIRST_CREDENTIALS_TIMEOUT = Duration.ofSeconds(3);

    /** Minimum time between two checks of credentials that could not be obtained, and of connections opened ahead. */
    private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Number of backends to which connections are opened ahead: the best one, and the one for a retry or a hedge. */
    private static final int BACKENDS_AHEAD = 2;

    private final Transport transport = Transport.choose();
    private final DirectMemory directMemory = DirectMemory.ofJvm();
    private final EventLoop control;
    private final List<EventLoop> loops;
    private final Credentials credentials = new Credentials();
    private final Upstreams upstreams;
    private final Listeners listeners;
    private final Affinity affinity = new Affinity();
    private final HeldMemory heldMemory = new HeldMemory(directMemory);
    private final Probes probes;

    private final Alarms alarms = new Alarms();
    private final CredentialAlarms credentialAlarms = new CredentialAlarms();
    private final Object snapshotLock = new Object();

    /** Accessed on the control loop only. */
    private long checkedAtNanos = System.nanoTime() - CHECK_NANOS;

    private volatile Map<Backend, BackendUpstream> upstreamByBackend = Map.of();
    private volatile Optional<Snapshot> snapshot = Optional.empty();

    /** The planner of the conf in force. Guarded by {@link #snapshotLock}. */
    private Optional<Planner> planner = Optional.empty();

    /**
     * @param outcomeObservers for the number of an event loop, returns the consumer that receives the outcome of every
     *     exchange on that loop
     */
    Engine(IntFunction<Consumer<Outcome>> outcomeObservers, ProbeListener probeListener) {
        int count =
                Integer.getInteger(EVENT_LOOPS_PROPERTY, Runtime.getRuntime().availableProcessors());
        loops = transport.newLoops(count, "crowfly-loop");
        control = transport.newLoops(1, "crowfly-control").get(0);
        List<EventLoop> allLoops = new ArrayList<>(loops);
        allLoops.add(control);
        upstreams =
                new Upstreams(transport, directMemory, allLoops, credentials, AddressBook.ofSystem(control, transport));
        UpstreamProber prober =
                new UpstreamProber(control, count, backend -> Optional.ofNullable(upstreamByBackend.get(backend)));
        probes = new Probes(
                prober, new EventLoopScheduler(control), new SplittableRandom(), this::onRanking, probeListener);
        RetryBudget retryBudget = new RetryBudget(count);
        List<ListenerLoop> listenerLoops = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            TimeoutSweep timeoutSweep = new TimeoutSweep();
            timeoutSweep.start(loops.get(i));
            Exchanges exchanges = new Exchanges(
                    i,
                    this::snapshot,
                    outcomeObservers.apply(i),
                    probes.observer(),
                    new SplittableRandom(),
                    retryBudget,
                    heldMemory,
                    loops.get(i));
            listenerLoops.add(new ListenerLoop(loops.get(i), exchanges, timeoutSweep));
        }
        listeners = new Listeners(transport, directMemory, listenerLoops);
    }

    /**
     * Puts a conf in force. Blocks while it binds addresses and reads files, so it must not be called on an event loop.
     * Calls must not overlap.
     *
     * @throws IOException if an address can't be bound or a file can't be used; then nothing has changed
     */
    void apply(Conf conf, long generation) throws IOException {
        Upstreams.Prepared preparedUpstreams = upstreams.prepare(conf);
        Listeners.Prepared preparedListeners = listeners.prepare(conf);
        Affinity.Prepared preparedAffinity = affinity.prepare(conf.state());
        List<BackendUpstream> upstreamList = preparedUpstreams.list();
        credentials.awaitFirst(Credentials.usedBy(conf.backends()), FIRST_CREDENTIALS_TIMEOUT);
        synchronized (snapshotLock) {
            Map<Backend, BackendUpstream> newUpstreams = upstreamList.stream()
                    .collect(Collectors.toUnmodifiableMap(BackendUpstream::backend, Function.identity()));
            // The map also keeps the old upstreams, because probes of removed backends may still start until the update
            // below.
            Map<Backend, BackendUpstream> oldAndNewUpstreams = new HashMap<>(upstreamByBackend);
            oldAndNewUpstreams.putAll(newUpstreams);
            upstreamByBackend = Map.copyOf(oldAndNewUpstreams);
            probes.update(conf.backends());
            upstreamByBackend = newUpstreams;
            Planner newPlanner = new Planner(
                    conf,
                    (backend, api) -> newUpstreams.get(backend).dialect().serves(api),
                    index -> upstreamList.get(index).inFlight());
            planner = Optional.of(newPlanner);
            snapshot = Optional.of(new Snapshot(
                    generation,
                    conf,
                    List.<Upstream>copyOf(upstreamList),
                    newPlanner.plan(probes.ranking()),
                    preparedAffinity.owners(),
                    ModelsEndpoint.of(conf)));
        }
        preparedListeners.commit();
        preparedUpstreams.commit();
        preparedAffinity.commit();
    }

    /**
     * Publishes a new snapshot if the newest ranking changes the routing table, and logs alarms. Runs on the control
     * loop.
     */
    private void onRanking(Ranking ignored) {
        Ranking ranking;
        RoutingTable table;
        List<Upstream> inForce;
        synchronized (snapshotLock) {
            if (snapshot.isEmpty()) {
                return;
            }
            Snapshot current = snapshot.get();
            inForce = current.upstreams();
            ranking = probes.ranking();
            table = planner.orElseThrow().plan(ranking);
            if (table != current.table()) {
                snapshot = Optional.of(new Snapshot(
                        current.generation(),
                        current.conf(),
                        current.upstreams(),
                        table,
                        current.owners(),
                        current.models()));
            }
        }
        alarms.logChanges(ranking, table);
        if (ranking.atNanos() - checkedAtNanos >= CHECK_NANOS) {
            checkedAtNanos = ranking.atNanos();
            credentialAlarms.logChanges(inForce.stream()
                    .collect(Collectors.toMap(upstream -> upstream.backend().name(), Upstream::credential)));
            openConnectionsAhead(table, inForce);
        }
    }

    private void openConnectionsAhead(RoutingTable table, List<Upstream> inForce) {
        table.firstChoices(BACKENDS_AHEAD).stream().mapToObj(inForce::get).forEach(upstream -> {
            for (int loop = 0; loop < loops.size(); loop++) {
                upstream.openAhead(loop);
            }
        });
    }

    /** Returns the snapshot in force by one volatile read. Must not be called before the first {@link #apply}. */
    Snapshot snapshot() {
        return snapshot.orElseThrow();
    }

    Ranking ranking() {
        return probes.ranking();
    }

    /** Returns what was learned of the backends, as a tree. Blocks for some milliseconds. */
    Map<String, Object> learnedOfBackends() {
        return probes.learnedState();
    }

    /**
     * Continues with what another process has learned.
     *
     * @return what was skipped and why
     * @throws io.crowfly.probes.state.StateFormatException if the document cannot be read; then nothing has changed
     */
    List<String> inherit(Predecessor.Inheritance inheritance) {
        List<String> skipped = probes.inherit(inheritance.learned().backends(), inheritance.writtenAtNanos());
        affinity.inherit(
                inheritance.learned().owners(),
                snapshot().conf().backends().stream().map(Backend::name).collect(Collectors.toSet()));
        return skipped;
    }

    /** Returns the number of observations of live requests that were dropped because their queue was full. */
    long droppedObservations() {
        return probes.droppedObservations();
    }

    /** Returns the table of the backends that own stored responses, files and similar objects. */
    Affinity affinity() {
        return affinity;
    }

    /** Returns the account of memory that held request bodies use, over all event loops. */
    HeldMemory heldMemory() {
        return heldMemory;
    }

    /** Returns the direct memory of the JVM. */
    DirectMemory directMemory() {
        return directMemory;
    }

    /** Returns the event loops for traffic, in the order of their numbers. */
    List<EventLoop> loops() {
        return loops;
    }

    /** Returns a heartbeat for every event loop. */
    List<LoopHeartbeat> heartbeats() {
        List<LoopHeartbeat> heartbeats = new ArrayList<>();
        loops.forEach(loop -> heartbeats.add(new LoopHeartbeat(loop, "event loop " + heartbeats.size())));
        heartbeats.add(new LoopHeartbeat(control, "the control loop"));
        return heartbeats;
    }

    /** Returns the event loop of probes and of the admin server's connections. */
    EventLoop control() {
        return control;
    }

    Transport transport() {
        return transport;
    }

    Listeners listeners() {
        return listeners;
    }

    /**
     * Stops accepting connections, and waits for requests in progress, up to the timeout.
     *
     * @return whether all client connections were closed in time
     */
    boolean drain(Duration timeout) throws InterruptedException {
        return listeners.drain(timeout.toNanos());
    }

    /**
     * Does the same, but accepts connections for some time, because another process takes over.
     *
     * @param accepting part of the timeout in which connections are accepted
     */
    boolean handOver(Duration accepting, Duration timeout) throws InterruptedException {
        return listeners.handOver(accepting.toNanos(), timeout.toNanos());
    }

    @Override
    public void close() {
        probes.close();
        listeners.close();
        try {
            // Connections are closed first, because a loop that ends with open connections logs a warning for each of
            // them.
            listeners.closeConnections(TimeUnit.SECONDS.toNanos(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        upstreams.close();
        credentials.close();
        affinity.close();
        awaitLastCloses();
        // The quiet period is 0, because with io_uring in Netty 4.2.18 a quiet period makes loops hang or corrupts
        // memory at their end.
        loops.get(0).parent().shutdownGracefully(0, 2, TimeUnit.SECONDS);
        control.parent().shutdownGracefully(0, 2, TimeUnit.SECONDS);
        loops.get(0).parent().terminationFuture().awaitUninterruptibly(5, TimeUnit.SECONDS);
        control.parent().terminationFuture().awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    private void awaitLastCloses() {
        List<EventLoop> allLoops = new ArrayList<>(loops);
        allLoops.add(control);
        List<Future<?>> timers = new ArrayList<>();
        allLoops.removeIf(EventLoop::isShuttingDown);
        allLoops.forEach(loop -> timers.add(loop.schedule(() -> {}, LAST_CLOSES_WAIT_MILLIS, TimeUnit.MILLISECONDS)));
        timers.forEach(future -> future.awaitUninterruptibly(1, TimeUnit.SECONDS));
    }
}
