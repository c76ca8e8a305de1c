package io.crowfly.balancer;

import io.crowfly.balancer.affinity.Affinity;
import io.crowfly.balancer.credential.Credentials;
import io.crowfly.balancer.exchange.Exchanges;
import io.crowfly.balancer.exchange.HeldMemory;
import io.crowfly.balancer.exchange.Outcome;
import io.crowfly.balancer.exchange.RetryBudget;
import io.crowfly.balancer.exchange.Snapshot;
import io.crowfly.balancer.exchange.Upstream;
import io.crowfly.balancer.listener.ListenerLoop;
import io.crowfly.balancer.listener.Listeners;
import io.crowfly.balancer.listener.Sweep;
import io.crowfly.balancer.prober.LoopTimeline;
import io.crowfly.balancer.prober.UpstreamProber;
import io.crowfly.balancer.provider.ModelsAnswer;
import io.crowfly.balancer.routing.Planner;
import io.crowfly.balancer.routing.RoutingTable;
import io.crowfly.balancer.transport.Transport;
import io.crowfly.balancer.upstream.BackendUpstream;
import io.crowfly.balancer.upstream.Upstreams;
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
 * Two things change under a running engine, the conf and the ranking, and loops must never see one without the other that
 * belongs to it. Both are turned into one Snapshot under one lock, which only a reload and the probes' loop take, and
 * published by one volatile write. A reload makes everything ready first (sockets bound, certificates read, upstreams
 * built); what can fail, fails there, and nothing has changed. The commit that follows can't fail.
 */

/** The rooms of the balancer put together: event loops, listeners, upstreams and probes, under one conf at a time. */
final class Engine implements AutoCloseable {

    /** The number of event loops that move bytes; one for each processor where it is not set. */
    static final String EVENT_LOOPS_PROPERTY = "crowfly.event-loops";

    /** What is closed last gets to hear of it before its loop ends; io_uring closes in a round trip to the kernel. */
    private static final long LAST_CLOSES_MILLIS = 20;

    /** Longer than a token source in order takes, and no longer than an operator who reloads likes to wait. */
    private static final Duration FIRST_TOKENS = Duration.ofSeconds(3);

    private final Transport transport = Transport.choose();
    private final EventLoop control;
    private final List<EventLoop> loops;
    private final Credentials credentials = new Credentials();
    private final Upstreams upstreams;
    private final Listeners listeners;
    private final Affinity affinity = new Affinity();
    private final HeldMemory heldMemory = new HeldMemory();
    private final Probes probes;

    private final Alarms alarms = new Alarms();
    private final CredentialAlarms credentialAlarms = new CredentialAlarms();
    private final Object lock = new Object();

    private volatile Map<Backend, BackendUpstream> upstreamOf = Map.of();
    private volatile Optional<Snapshot> snapshot = Optional.empty();

    /** Of the conf in force. Guarded by the lock. */
    private Optional<Planner> planner = Optional.empty();

    /** @param outcomes gives each loop, by its number, whom to tell of its exchanges as they end */
    Engine(IntFunction<Consumer<Outcome>> outcomes, ProbeListener probeListener) {
        int count =
                Integer.getInteger(EVENT_LOOPS_PROPERTY, Runtime.getRuntime().availableProcessors());
        loops = transport.newLoops(count, "crowfly-loop");
        control = transport.newLoops(1, "crowfly-control").get(0);
        List<EventLoop> all = new ArrayList<>(loops);
        all.add(control);
        upstreams = new Upstreams(transport, all, credentials);
        UpstreamProber prober =
                new UpstreamProber(control, count, backend -> Optional.ofNullable(upstreamOf.get(backend)));
        probes = new Probes(prober, new LoopTimeline(control), new SplittableRandom(), this::onRanking, probeListener);
        RetryBudget retryBudget = new RetryBudget(count);
        List<ListenerLoop> listenerLoops = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Sweep sweep = new Sweep();
            sweep.start(loops.get(i));
            Exchanges exchanges = new Exchanges(
                    i,
                    this::snapshot,
                    outcomes.apply(i),
                    probes.observer(),
                    new SplittableRandom(),
                    retryBudget,
                    heldMemory,
                    loops.get(i));
            listenerLoops.add(new ListenerLoop(loops.get(i), exchanges, sweep));
        }
        listeners = new Listeners(transport, listenerLoops);
    }

    /**
     * Puts a conf in force. Blocks while it binds and reads; not for an event loop, and one caller at a time.
     *
     * @throws IOException if an address can't be bound or a file can't be used: then nothing has changed
     */
    void apply(Conf conf, long generation) throws IOException {
        Upstreams.Prepared preparedUpstreams = upstreams.prepare(conf);
        Listeners.Prepared preparedListeners = listeners.prepare(conf);
        Affinity.Prepared preparedAffinity = affinity.prepare(conf.state());
        List<BackendUpstream> list = preparedUpstreams.list();
        credentials.awaitFirst(Credentials.usedBy(conf.backends()), FIRST_TOKENS);
        synchronized (lock) {
            Map<Backend, BackendUpstream> its =
                    list.stream().collect(Collectors.toUnmodifiableMap(BackendUpstream::backend, Function.identity()));
            // Until the probes have been told, they may still ask for one of those before.
            Map<Backend, BackendUpstream> both = new HashMap<>(upstreamOf);
            both.putAll(its);
            upstreamOf = Map.copyOf(both);
            probes.update(conf.backends());
            upstreamOf = its;
            Planner next = new Planner(
                    conf, (backend, api) -> its.get(backend).dialect().serves(api), index -> list.get(index)
                            .inFlight());
            planner = Optional.of(next);
            snapshot = Optional.of(new Snapshot(
                    generation,
                    conf,
                    List.<Upstream>copyOf(list),
                    next.plan(probes.ranking()),
                    preparedAffinity.homes(),
                    ModelsAnswer.of(conf)));
        }
        preparedListeners.commit();
        preparedUpstreams.commit();
        preparedAffinity.commit();
    }

    /** On the control loop. */
    private void onRanking(Ranking heard) {
        Ranking newest;
        RoutingTable table;
        List<Upstream> inForce;
        synchronized (lock) {
            if (snapshot.isEmpty()) {
                return;
            }
            Snapshot now = snapshot.get();
            inForce = now.upstreams();
            newest = probes.ranking();
            table = planner.orElseThrow().plan(newest);
            snapshot = Optional.of(
                    new Snapshot(now.generation(), now.conf(), now.upstreams(), table, now.homes(), now.models()));
        }
        alarms.look(newest, table);
        credentialAlarms.look(inForce.stream()
                .collect(Collectors.toMap(upstream -> upstream.backend().name(), Upstream::credential)));
    }

    /** What is in force now: one volatile read. There is none before the first {@link #apply}. */
    Snapshot snapshot() {
        return snapshot.orElseThrow();
    }

    Ranking ranking() {
        return probes.ranking();
    }

    /** What live requests found and nobody heard of, for want of room. */
    long droppedObservations() {
        return probes.droppedObservations();
    }

    /** What is known of where things are kept. */
    Affinity affinity() {
        return affinity;
    }

    /** The memory that bodies which wait take up, over all loops. */
    HeldMemory heldMemory() {
        return heldMemory;
    }

    /** The loops that move bytes, by number. */
    List<EventLoop> loops() {
        return loops;
    }

    /** The loop for everything else: probes and the admin's connections. */
    EventLoop control() {
        return control;
    }

    Transport transport() {
        return transport;
    }

    Listeners listeners() {
        return listeners;
    }

    /** Stops accepting and waits for requests under way, as long as the conf's {@code timeouts.drain}. */
    boolean drain() throws InterruptedException {
        return listeners.drain(snapshot().conf().timeouts().drain().toNanos());
    }

    @Override
    public void close() {
        probes.close();
        listeners.close();
        try {
            // A loop that ends with connections open makes a noise about each of them.
            listeners.closeConnections(TimeUnit.SECONDS.toNanos(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        upstreams.close();
        credentials.close();
        affinity.close();
        awaitLastCloses();
        // Without a quiet period: under io_uring of Netty 4.2.18 one makes loops hang, or corrupts memory as they end.
        loops.get(0).parent().shutdownGracefully(0, 2, TimeUnit.SECONDS);
        control.parent().shutdownGracefully(0, 2, TimeUnit.SECONDS);
        loops.get(0).parent().terminationFuture().awaitUninterruptibly(5, TimeUnit.SECONDS);
        control.parent().terminationFuture().awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    private void awaitLastCloses() {
        List<EventLoop> all = new ArrayList<>(loops);
        all.add(control);
        List<Future<?>> passed = new ArrayList<>();
        all.forEach(loop -> passed.add(loop.schedule(() -> {}, LAST_CLOSES_MILLIS, TimeUnit.MILLISECONDS)));
        passed.forEach(future -> future.awaitUninterruptibly(1, TimeUnit.SECONDS));
    }
}
