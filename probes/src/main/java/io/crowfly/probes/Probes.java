package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Probe;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.forecast.RequestClass;
import io.crowfly.probes.forecast.RequestClasses;
import io.crowfly.probes.state.StateReader;
import java.lang.invoke.VarHandle;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Entry point of this module: probes the backends, collects observations of live requests, and publishes the state of
 * all backends as a {@link Ranking}.
 *
 * <p>Threads: probes begin and end on the scheduler's thread. Both listeners are called only there, outside the lock.
 * {@link #update} may run on any thread and must take effect before it returns. One lock therefore guards the backends'
 * states. The lock is held about twenty times a second, for as long as samples are learned and changes are published.
 *
 * <p>Threads of requests never take the lock. {@link #ranking} is one volatile read. Results of probes go through the
 * scheduler, and observations through one queue per loop. Observations are read at the next tick. Failures and 429s are
 * read at once, so that a failed backend costs one request rather than all requests of a tick.
 */
public final class Probes implements AutoCloseable {

    /**
     * Interval between two ticks. A tick reads the queued observations and publishes a ranking, after which shares of
     * traffic may change. While nothing happens, a tick follows only when a ranking is due.
     */
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * The pause after a tick is at least this many times the tick's own duration, because the scheduler's thread also
     * serves connections. Has an effect only with very many backends.
     */
    private static final int PAUSE_TO_WORK = 10;

    private final Prober prober;
    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final Consumer<Ranking> rankingListener;
    private final ProbeListener probeListener;

    private final Object lock = new Object();
    /** Statistics of each class of requests, over all backends. Guarded by the lock. */
    private final RequestClasses classes = new RequestClasses(this::removeClass);

    /** Guarded by the lock. */
    private final Publication publication = new Publication(classes);

    private final List<ObservationQueue> queues = new CopyOnWriteArrayList<>();
    private final LongAdder dropped = new LongAdder();
    private final AtomicBoolean urgentScheduled = new AtomicBoolean();
    /** The probed backends by name. Guarded by the lock. */
    private Map<String, ProbedBackend> probedBackends = Map.of();

    /** The newest ranking. Written under the lock, read by any thread. */
    private volatile Ranking ranking = new Ranking(0, 0, List.of(), Map.of());
    /** Whether {@link #close} was called. Written under the lock, read by any thread. */
    private volatile boolean closed;

    /** Version of the last ranking that was passed to the listener. Accessed on the scheduler's thread only. */
    private long notifiedVersion;

    /**
     * End of the pause after a tick. During the pause, observations are not read, and a ranking is published only after
     * an update or a change of health. Accessed on the scheduler's thread only.
     */
    private long pauseUntilNanos;

    /** Whether ticks are suspended until a ranking is due, because nothing happens. */
    private final AtomicBoolean resting = new AtomicBoolean();

    /** Number of the next tick. Accessed on the scheduler's thread only. */
    private long tickNumber;

    /** Whether the ticks have started. Guarded by the lock. */
    private boolean ticking;

    /** One probed backend: its schedule of probes and its state. The lock guards the state. */
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
     * Creates the instance without backends; {@link #update} sets them.
     *
     * @param random used on the scheduler's thread only
     * @param rankingListener called on the scheduler's thread with the newest ranking, in order, each version at most
     *     once. Of several rankings published in quick succession, only the last may be passed on
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
     * Probes exactly these backends from now on. When this method returns, {@link #ranking} contains exactly these
     * backends. Callable from any thread; without effect after {@link #close}.
     *
     * <p>A backend with an equal conf continues unchanged. A backend whose conf changed is probed at once, and a
     * pending result of a probe under the old conf is ignored. Its health stays if name, URL, provider, credential and
     * CA are the same. Its latencies stay if the kind of probe is the same too. Any other backend starts as unknown.
     *
     * @throws IllegalArgumentException if two backends have the same name; nothing is changed then
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
            classes.setListedModels(listedModels(backends));
            Map<String, ProbedBackend> former = probedBackends;
            probedBackends = next;
            publication.setBackends(states());
            former.values().stream().filter(p -> !next.containsValue(p)).forEach(p -> p.schedule.stop());
            next.values().stream().filter(p -> !former.containsValue(p)).forEach(p -> p.schedule.start());
            publish();
            // The task is scheduled under the lock, because after close() the scheduler may have ended.
            scheduler.schedule(0, this::notifyListener);
            if (!ticking) {
                ticking = true;
                scheduler.schedule(TICK_NANOS, () -> tick(0));
            }
        }
    }

    /**
     * Returns the models that the backends and their probes name. A prefix pattern is no name: clients can extend it.
     */
    private static Set<String> listedModels(List<Backend> backends) {
        Set<String> models = new HashSet<>();
        for (Backend backend : backends) {
            models.addAll(backend.models().clientNames());
            if (backend.probe().kind() instanceof Probe.Kind.Inference inference) {
                models.add(inference.model());
            }
        }
        return models;
    }

    private ProbedBackend probedBackend(Backend backend) {
        ProbedBackend former = probedBackends.get(backend.name());
        if (former == null) {
            return new ProbedBackend(new BackendState(backend, classes));
        }
        return former.state.backend().equals(backend) ? former : new ProbedBackend(former.state.withConf(backend));
    }

    /**
     * Returns the newest ranking; before the first {@link #update} it is empty, with version 0. Callable from any
     * thread.
     */
    public Ranking ranking() {
        return ranking;
    }

    /**
     * Stops probing. The last ranking stays readable, for requests that are draining. Listeners are not called any
     * more, except for a call already in progress. Callable from any thread, more than once. Afterwards the caller may
     * end the scheduler.
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
     * Returns a consumer that accepts the observations of one thread. Create one for each event loop at the start.
     * Neither this method nor the consumer blocks. Observations are dropped when the consumer's queue is full.
     */
    public Consumer<Observation> observer() {
        ObservationQueue queue = new ObservationQueue();
        queues.add(queue);
        return observation -> {
            if (!queue.add(observation)) {
                dropped.increment();
                return;
            }
            if (isUrgent(observation) && !closed && urgentScheduled.compareAndSet(false, true)) {
                scheduler.schedule(0, this::learnUrgently);
            }
            VarHandle.fullFence(); // otherwise a tick could find the queue empty, and this thread miss the rest
            wake();
        };
    }

    /**
     * Returns the number of observations that were dropped because a queue was full, since the start. Callable from any
     * thread.
     */
    public long droppedObservations() {
        return dropped.sum();
    }

    private static boolean isUrgent(Observation observation) {
        return observation instanceof Observation.Failed || observation instanceof Observation.Throttled;
    }

    private void learnUrgently() {
        urgentScheduled.set(false); // first, because the drain below may miss later observations
        if (scheduler.nanoTime() >= pauseUntilNanos) {
            learn();
        }
    }

    private void tick(long number) {
        if (number != tickNumber) {
            return; // an earlier tick has replaced this one
        }
        resting.set(false);
        try {
            learn();
        } finally { // the ticks continue even if a listener throws
            long next = ++tickNumber;
            long pauseNanos = isRestPossible() ? BackendForecasts.REFRESH_NANOS : TICK_NANOS;
            long delayNanos = Math.max(pauseNanos, pauseUntilNanos - scheduler.nanoTime());
            synchronized (lock) {
                if (!closed) {
                    scheduler.schedule(delayNanos, () -> tick(next));
                }
            }
        }
    }

    /** Returns whether no tick is needed before the next ranking is due, unless something happens; then rests. */
    private boolean isRestPossible() {
        synchronized (lock) {
            if (publication.isActive(scheduler.nanoTime())) {
                return false;
            }
        }
        resting.set(true); // before the queues are checked, so that an observation either is found or ends the rest
        for (ObservationQueue queue : queues) {
            if (!queue.isEmpty()) {
                wake();
            }
        }
        return true;
    }

    /** Ends a rest: the next tick follows after the usual interval. Callable from any thread. */
    private void wake() {
        if (resting.get() && !closed && resting.compareAndSet(true, false)) {
            scheduler.schedule(TICK_NANOS, () -> tick(tickNumber));
        }
    }

    private void learn() {
        long startedAtNanos = scheduler.nanoTime();
        synchronized (lock) {
            if (closed) {
                return;
            }
            queues.forEach(queue -> queue.drain(this::recordObservation));
            if (publication.isDue(startedAtNanos)) {
                publish();
            }
        }
        notifyListener();
        long endedAtNanos = scheduler.nanoTime();
        pauseUntilNanos = endedAtNanos + PAUSE_TO_WORK * (endedAtNanos - startedAtNanos);
    }

    /** Records an observation at its backend's state. Called under the lock. */
    private void recordObservation(Observation observation) {
        ProbedBackend target = probedBackends.get(observation.backend().name());
        // If the condition is false, the observation is from a removed backend or from another endpoint with the same
        // name, and is ignored.
        if (target != null
                && target.state.backend().url().equals(observation.backend().url())) {
            publication.noteObservation();
            target.state.recordObservation(observation, random);
        }
    }

    private void removeClass(RequestClass requestClass) {
        boolean lastOfModel = !classes.contains(requestClass.model());
        for (ProbedBackend probed : probedBackends.values()) {
            probed.state.removeClass(requestClass);
            if (lastOfModel) {
                probed.state.health().removeModel(requestClass.model());
            }
        }
    }

    private void onProbeResult(ProbedBackend source, ProbeResult result) {
        BackendState state = source.state;
        Health before;
        boolean turned;
        boolean lastHealthy;
        synchronized (lock) {
            if (probedBackends.get(state.backend().name()) != source) {
                return; // an update on another thread has just removed the backend
            }
            before = state.health().probed().health();
            state.recordProbe(result, scheduler.nanoTime(), scheduler.epochMillis());
            // An inference probe may also change the health of its model.
            turned = state.health().probed().health() != before
                    || state.backend().probe().kind() instanceof Probe.Kind.Inference;
            lastHealthy = isLastHealthy(source, scheduler.nanoTime());
            if (turned) {
                publish(); // other changes are published with the next ranking, at most a second later
            }
        }
        if (turned) {
            wake();
        }
        HealthLog.logChange(state.backend(), before, state.health().probed(), lastHealthy);
        probeListener.onProbe(state.backend(), result);
        notifyListener();
    }

    /** Returns whether a backend is not ejected, and every other backend is unhealthy. Called under the lock. */
    private boolean isLastHealthy(ProbedBackend backend, long nowNanos) {
        return !backend.state.health().isEjected(nowNanos)
                && probedBackends.values().stream()
                        .allMatch(other ->
                                other == backend || other.state.health().health(nowNanos) == Health.UNHEALTHY);
    }

    /** Publishes a new ranking from the states of all backends. Called under the lock. */
    private void publish() {
        ranking = publication.next(scheduler.nanoTime());
    }

    /** Returns all that was learned, as a tree of maps, lists, numbers and texts. Callable from any thread. */
    public Map<String, Object> learnedState() {
        synchronized (lock) {
            return LearnedState.write(classes, states(), scheduler.nanoTime());
        }
    }

    /**
     * Continues with what another process has learned. Callable from any thread.
     *
     * @param tree from {@link #learnedState}
     * @param writtenAtNanos when the tree was written, by the clock of this process
     * @return what was skipped and why
     * @throws io.crowfly.probes.state.StateFormatException if the tree cannot be read; then nothing has changed
     */
    public List<String> inherit(Map<?, ?> tree, long writtenAtNanos) {
        synchronized (lock) {
            Map<String, BackendState> byName = new LinkedHashMap<>();
            states().forEach(state -> byName.put(state.backend().name(), state));
            List<String> skipped = LearnedState.read(new StateReader(tree, writtenAtNanos), classes, byName);
            publish();
            scheduler.schedule(0, this::notifyListener);
            return skipped;
        }
    }

    private List<BackendState> states() {
        return probedBackends.values().stream().map(p -> p.state).toList();
    }

    /** Passes the newest ranking to the listener, unless it was passed already. Called on the scheduler's thread. */
    private void notifyListener() {
        Ranking newest = ranking;
        if (!closed && newest.version() > notifiedVersion) {
            notifiedVersion = newest.version();
            rankingListener.accept(newest);
        }
    }
}
