package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.probes.Standing.Health;
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
    private static final int TICK_TO_WORK = 10;

    private static final Comparator<Standing> BEST_FIRST = Comparator.comparing(Standing::health)
            .thenComparingLong(s -> s.latencyNanos() == ProbeTimes.ABSENT ? Long.MAX_VALUE : s.latencyNanos())
            .thenComparing(s -> s.backend().name());

    private final Prober prober;
    private final Timeline timeline;
    private final RandomGenerator random;
    private final Consumer<Ranking> rankingListener;
    private final ProbeListener probeListener;

    private final Object lock = new Object();
    /** Guarded by the lock. */
    private final Classes classes = new Classes(this::forget);

    private final List<ObservationQueue> queues = new CopyOnWriteArrayList<>();
    private final LongAdder dropped = new LongAdder();
    private final AtomicBoolean called = new AtomicBoolean();
    /** By name. Guarded by the lock. */
    private Map<String, Probed> probed = Map.of();

    /** Written under the lock. */
    private volatile Ranking ranking = new Ranking(0, 0, List.of(), Map.of());
    /** Written under the lock. */
    private volatile boolean closed;

    /** The version that the listener heard of last. On the timeline's thread only. */
    private long announced;

    /** On the timeline's thread only: before that, only what can't wait is worked out anew. */
    private long restUntilNanos;

    /** Guarded by the lock. */
    private boolean ticking;

    /** One backend: its knowledge is guarded by the lock. */
    private final class Probed {
        final ProbeSchedule schedule;
        final Knowledge knowledge;

        Probed(Knowledge knowledge) {
            this.knowledge = knowledge;
            this.schedule =
                    new ProbeSchedule(knowledge.backend(), prober, timeline, random, result -> onResult(this, result));
        }
    }

    /**
     * @param random used on the timeline's thread only
     * @param rankingListener called on the timeline's thread with the newest ranking, each version at most once and in order;
     *     of several published in quick succession it may hear only the last
     */
    public Probes(
            Prober prober,
            Timeline timeline,
            RandomGenerator random,
            Consumer<Ranking> rankingListener,
            ProbeListener probeListener) {
        this.prober = prober;
        this.timeline = timeline;
        restUntilNanos = timeline.nanoTime();
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
            Map<String, Probed> next = new LinkedHashMap<>();
            for (Backend backend : backends) {
                if (next.put(backend.name(), probed(backend)) != null) {
                    throw new IllegalArgumentException("two backends are named " + backend.name());
                }
            }
            Map<String, Probed> former = probed;
            probed = next;
            former.values().stream().filter(p -> !next.containsValue(p)).forEach(p -> p.schedule.stop());
            next.values().stream().filter(p -> !former.containsValue(p)).forEach(p -> p.schedule.start());
            publish();
            // Still under the lock: after close() the timeline may be gone.
            timeline.schedule(0, this::announce);
            if (!ticking) {
                ticking = true;
                timeline.schedule(TICK_NANOS, this::tick);
            }
        }
    }

    private Probed probed(Backend backend) {
        Probed former = probed.get(backend.name());
        if (former == null) {
            return new Probed(new Knowledge(backend, classes));
        }
        return former.knowledge.backend().equals(backend) ? former : new Probed(former.knowledge.under(backend));
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
            probed.values().forEach(p -> p.schedule.stop());
            probed = Map.of();
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
            } else if (isUrgent(observation) && !closed && called.compareAndSet(false, true)) {
                timeline.schedule(0, this::onCall);
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

    private void onCall() {
        called.set(false); // first: what is told from here on may be missed below
        if (timeline.nanoTime() >= restUntilNanos) {
            learn();
        }
    }

    private void tick() {
        try {
            learn();
        } finally { // whatever a listener throws, time goes on
            long rest = Math.max(TICK_NANOS, restUntilNanos - timeline.nanoTime());
            synchronized (lock) {
                if (!closed) {
                    timeline.schedule(rest, this::tick);
                }
            }
        }
    }

    private void learn() {
        long begun = timeline.nanoTime();
        synchronized (lock) {
            if (closed) {
                return;
            }
            queues.forEach(queue -> queue.drain(this::observe));
            publish();
        }
        announce();
        long ended = timeline.nanoTime();
        restUntilNanos = ended + TICK_TO_WORK * (ended - begun);
    }

    /** Under the lock. */
    private void observe(Observation observation) {
        Probed of = probed.get(observation.backend().name());
        // Else it is about another endpoint of that name, or about one that is gone.
        if (of != null
                && of.knowledge.backend().url().equals(observation.backend().url())) {
            of.knowledge.observe(observation, random);
        }
    }

    private void forget(RequestClass requestClass) {
        probed.values().forEach(p -> p.knowledge.forget(requestClass));
    }

    private void onResult(Probed source, ProbeResult result) {
        Knowledge knowledge = source.knowledge;
        Health before;
        synchronized (lock) {
            if (probed.get(knowledge.backend().name()) != source) {
                return; // an update on another thread has just dropped it
            }
            before = knowledge.health().health();
            knowledge.observe(result, timeline.nanoTime(), timeline.epochMillis());
            if (knowledge.health().health() != before) {
                publish(); // all else can wait for the tick
            }
        }
        logChange(knowledge.backend(), before, knowledge.health());
        probeListener.onProbe(knowledge.backend(), result);
        announce();
    }

    private static void logChange(Backend backend, Health from, HealthTracker to) {
        if (from != to.health()) {
            log.info("backend {}: {} -> {}: {}", backend.name(), from, to.health(), to.reason());
        }
    }

    /** Under the lock. */
    private void publish() {
        long now = timeline.nanoTime();
        List<Knowledge> known = probed.values().stream().map(p -> p.knowledge).toList();
        known.forEach(knowledge -> knowledge.advance(now));
        Outlooks outlooks = new Outlooks(known, now);
        Map<RequestClass, ClassOutlook> classOutlooks = new HashMap<>();
        classes.all().forEach((requestClass, its) -> classOutlooks.put(requestClass, its.outlook(now)));
        List<Standing> standings = known.stream()
                .map(knowledge -> outlooks.standing(knowledge, classOutlooks.keySet()))
                .sorted(BEST_FIRST)
                .toList();
        ranking = new Ranking(ranking.version() + 1, now, standings, classOutlooks);
    }

    /** On the timeline's thread. An update's announcement may come after that of a later result; then it is old news. */
    private void announce() {
        Ranking newest = ranking;
        if (!closed && newest.version() > announced) {
            announced = newest.version();
            rankingListener.accept(newest);
        }
    }
}
