package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.forecast.ClassForecast;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
import io.crowfly.probes.forecast.RequestClasses;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The floor's front door: probes the backends that it is told of, hears what live requests found, and publishes what it
 * makes of both as a {@link Ranking}.
 *
 * <p>Threads: probes begin and end on the timeline's thread, and both listeners are called there and nowhere else, outside
 * the lock. {@link #update} must have its effect before it returns, on whatever thread a reload runs, so what was learned
 * is guarded by one lock, held some twenty times a second for as long as it takes to sort the backends. The requests'
 * threads never take it: {@link #ranking} is one volatile read, a prober's answer is handed over to the timeline, and so are
 * observations, in queues of their own. Those wait for the next tick, but for bad news, which calls the timeline at once: a
 * backend that has gone is to cost one request, not a tick's worth of them.
 */
public final class Probes implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Probes.class);

    /** How long good news may wait, and how fine the steps are in which shares of traffic move. */
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** The timeline's thread has connections to serve as well: it works less often where there are very many backends. */
    private static final int PAUSE_TO_WORK = 10;

    private static final Comparator<BackendSnapshot> BEST_FIRST = Comparator.comparing(BackendSnapshot::health)
            .thenComparingLong(s -> s.latencyNanos() == ProbeTimes.ABSENT ? Long.MAX_VALUE : s.latencyNanos())
            .thenComparing(s -> s.backend().name());

    private final Prober prober;
    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final Consumer<Ranking> rankingListener;
    private final ProbeListener probeListener;

    private final Object lock = new Object();
    /** Guarded by the lock. */
    private final RequestClasses classes = new RequestClasses(this::removeClass);

    private final List<ObservationQueue> queues = new CopyOnWriteArrayList<>();
    private final LongAdder dropped = new LongAdder();
    private final AtomicBoolean urgentScheduled = new AtomicBoolean();
    /** By name. Guarded by the lock. */
    private Map<String, ProbedBackend> probedBackends = Map.of();

    /** Written under the lock. */
    private volatile Ranking ranking = new Ranking(0, 0, List.of(), Map.of());
    /** Written under the lock. */
    private volatile boolean closed;

    /** The version that the listener heard of last. On the timeline's thread only. */
    private long notifiedVersion;

    /** On the timeline's thread only: before that, only what can't wait is worked out anew. */
    private long pauseUntilNanos;

    /** Guarded by the lock. */
    private boolean ticking;

    /** One backend: its knowledge is guarded by the lock. */
    private final class ProbedBackend {
        final ProbeSchedule schedule;
        final BackendState state;

        ProbedBackend(BackendState state) {
            this.state = state;
            this.schedule = new ProbeSchedule(
                    state.backend(), prober, scheduler, random, result -> onProbeResult(this, result));
        }
    }

    /**
     * @param random used on the timeline's thread only
     * @param rankingListener called on the timeline's thread with the newest ranking, each version at most once and in order;
     *     of several published in quick succession it may hear only the last
     */
    public Probes(
            Prober prober,
            Scheduler scheduler,
            RandomGenerator random,
            Consumer<Ranking> rankingListener,
            ProbeListener probeListener) {
        this.prober = prober;
        this.scheduler = scheduler;
        pauseUntilNanos = scheduler.nanoTime();
        this.random = random;
        this.rankingListener = rankingListener;
        this.probeListener = probeListener;
    }

    /**
     * Probes these backends from now on, and no others. When it returns, {@link #ranking} has exactly these. Callable from
     * any thread; without effect once closed.
     *
     * <p>An equal backend goes on as if nothing had happened. One whose conf changed is probed at once; an answer still due
     * under the old conf is ignored. It keeps its health as long as name, URL, provider, credential and CA are the same, and
     * its latencies if the kind of probe is, too. Any other starts as unknown.
     *
     * @throws IllegalArgumentException if two have the same name; nothing is changed then
     */
    public void update(List<Backend> backends) {
        synchronized (lock) {
            if (closed) {
                return;
            }
            Map<String, ProbedBackend> next = new LinkedHashMap<>();
            for (Backend backend : backends) {
                if (next.put(backend.name(), probedBackend(backend)) != null) {
                    throw new IllegalArgumentException("two backends are named " + backend.name());
                }
            }
            Map<String, ProbedBackend> former = probedBackends;
            probedBackends = next;
            former.values().stream().filter(p -> !next.containsValue(p)).forEach(p -> p.schedule.stop());
            next.values().stream().filter(p -> !former.containsValue(p)).forEach(p -> p.schedule.start());
            publish();
            // Still under the lock: after close() the timeline may be gone.
            scheduler.schedule(0, this::notifyListener);
            if (!ticking) {
                ticking = true;
                scheduler.schedule(TICK_NANOS, this::tick);
            }
        }
    }

    private ProbedBackend probedBackend(Backend backend) {
        ProbedBackend former = probedBackends.get(backend.name());
        if (former == null) {
            return new ProbedBackend(new BackendState(backend, classes));
        }
        return former.state.backend().equals(backend) ? former : new ProbedBackend(former.state.withConf(backend));
    }

    /** The newest ranking; empty, with version 0, before the first {@link #update}. Callable from any thread. */
    public Ranking ranking() {
        return ranking;
    }

    /**
     * Stops probing. The last ranking stays readable, for the requests that are draining; listeners hear nothing more, except
     * for a call already under way. Callable from any thread, more than once; the timeline may end afterwards.
     */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            probedBackends.values().forEach(p -> p.schedule.stop());
            probedBackends = Map.of();
        }
    }

    /**
     * A way for one thread to tell what its requests found. What is told may be dropped when there is more of it than can be
     * looked at. Make one for each loop, at the start; this and what it returns never block.
     */
    public Consumer<Observation> observer() {
        ObservationQueue queue = new ObservationQueue();
        queues.add(queue);
        return observation -> {
            if (!queue.add(observation)) {
                dropped.increment();
            } else if (isUrgent(observation) && !closed && urgentScheduled.compareAndSet(false, true)) {
                scheduler.schedule(0, this::learnUrgently);
            }
        };
    }

    /** Observations that were dropped, since the start. Any thread. */
    public long droppedObservations() {
        return dropped.sum();
    }

    private static boolean isUrgent(Observation observation) {
        return observation instanceof Observation.Failed || observation instanceof Observation.Throttled;
    }

    private void learnUrgently() {
        urgentScheduled.set(false); // first: what is told from here on may be missed below
        if (scheduler.nanoTime() >= pauseUntilNanos) {
            learn();
        }
    }

    private void tick() {
        try {
            learn();
        } finally { // whatever a listener throws, time goes on
            long pauseNanos = Math.max(TICK_NANOS, pauseUntilNanos - scheduler.nanoTime());
            synchronized (lock) {
                if (!closed) {
                    scheduler.schedule(pauseNanos, this::tick);
                }
            }
        }
    }

    private void learn() {
        long startedAtNanos = scheduler.nanoTime();
        synchronized (lock) {
            if (closed) {
                return;
            }
            queues.forEach(queue -> queue.drain(this::recordObservation));
            publish();
        }
        notifyListener();
        long endedAtNanos = scheduler.nanoTime();
        pauseUntilNanos = endedAtNanos + PAUSE_TO_WORK * (endedAtNanos - startedAtNanos);
    }

    /** Under the lock. */
    private void recordObservation(Observation observation) {
        ProbedBackend target = probedBackends.get(observation.backend().name());
        // Else it is about another endpoint of that name, or about one that is gone.
        if (target != null
                && target.state.backend().url().equals(observation.backend().url())) {
            target.state.observe(observation, random);
        }
    }

    private void removeClass(RequestClass requestClass) {
        probedBackends.values().forEach(p -> p.state.removeClass(requestClass));
    }

    private void onProbeResult(ProbedBackend source, ProbeResult result) {
        BackendState state = source.state;
        Health before;
        synchronized (lock) {
            if (probedBackends.get(state.backend().name()) != source) {
                return; // an update on another thread has just dropped it
            }
            before = state.health().health();
            state.observe(result, scheduler.nanoTime(), scheduler.epochMillis());
            if (state.health().health() != before) {
                publish(); // all else can wait for the tick
            }
        }
        logChange(state.backend(), before, state.health());
        probeListener.onProbe(state.backend(), result);
        notifyListener();
    }

    private static void logChange(Backend backend, Health from, HealthTracker to) {
        if (from != to.health()) {
            log.info("backend {}: {} -> {}: {}", backend.name(), from, to.health(), to.reason());
        }
    }

    /** Under the lock. */
    private void publish() {
        long now = scheduler.nanoTime();
        List<BackendState> states =
                probedBackends.values().stream().map(p -> p.state).toList();
        states.forEach(state -> state.advance(now));
        Forecasts forecasts = new Forecasts(states, now);
        Map<RequestClass, ClassForecast> classForecasts = new HashMap<>();
        classes.all().forEach((requestClass, statistics) -> classForecasts.put(requestClass, statistics.forecast(now)));
        List<BackendSnapshot> snapshots = states.stream()
                .map(state -> forecasts.snapshot(state, classForecasts.keySet()))
                .sorted(BEST_FIRST)
                .toList();
        ranking = new Ranking(ranking.version() + 1, now, snapshots, classForecasts);
    }

    /** On the timeline's thread. An update's announcement may come after that of a later result; then it is old news. */
    private void notifyListener() {
        Ranking newest = ranking;
        if (!closed && newest.version() > notifiedVersion) {
            notifiedVersion = newest.version();
            rankingListener.accept(newest);
        }
    }
}
