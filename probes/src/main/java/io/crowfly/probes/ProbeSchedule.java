package io.crowfly.probes;

import io.crowfly.conf.Backend;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * When one backend is probed: at once, then on its interval with jitter, and never while a probe is still out. Each probe's
 * end schedules the next, so two at a time can't be; and each probe has an end, whatever the {@link Prober} does.
 *
 * <p>Everything happens on the timeline's thread; only {@link #start} and {@link #stop} may be called on any.
 */
final class ProbeSchedule {

    /**
     * The share of the interval by which a probe may come sooner or later. Keeps the probes of many backends, and of many
     * instances, from falling into step and measuring the burst that they make together.
     */
    private static final double JITTER = 0.10;

    /**
     * A prober answers within the probe's timeout. One that is this much late has lost the probe: a collector's pause is far
     * shorter, and waiting longer would leave the backend unwatched.
     */
    private static final Duration OVERDUE = Duration.ofSeconds(1);

    private final Backend backend;
    private final Prober prober;
    private final Timeline timeline;
    private final RandomGenerator random;
    private final Consumer<ProbeResult> outcome;

    private volatile boolean stopped;

    /** The number of the probe that is out or due. Whatever belongs to another one comes too late. */
    private long turn;

    private long begunAtNanos;

    /** @param outcome called on the timeline's thread, once per probe, never after {@link #stop} returned there */
    ProbeSchedule(
            Backend backend, Prober prober, Timeline timeline, RandomGenerator random, Consumer<ProbeResult> outcome) {
        this.backend = backend;
        this.prober = prober;
        this.timeline = timeline;
        this.random = random;
        this.outcome = outcome;
    }

    void start() {
        timeline.schedule(0, this::begin);
    }

    /** The prober can't be called back, but what it still finds is ignored. */
    void stop() {
        stopped = true;
    }

    private void begin() {
        if (stopped) {
            return;
        }
        long mine = turn;
        begunAtNanos = timeline.nanoTime();
        Duration limit = backend.probe().timeout().plus(OVERDUE);
        timeline.schedule(
                limit.toNanos(),
                () -> end(mine, new ProbeResult.Failure("probe lost, no result after " + limit.toMillis() + "ms")));
        try {
            prober.probe(backend, result -> handOver(mine, result));
        } catch (RuntimeException e) {
            // The class only: a message may quote what was to be sent, credentials and all.
            end(mine, new ProbeResult.Failure("probe not sent: " + e.getClass().getSimpleName()));
        }
    }

    private void handOver(long whose, ProbeResult result) {
        if (!stopped) { // once stopped, the timeline may be gone
            timeline.schedule(0, () -> end(whose, result));
        }
    }

    private void end(long whose, ProbeResult result) {
        if (stopped || whose != turn) {
            return;
        }
        turn++;
        long untilNext = begunAtNanos + jitteredInterval() - timeline.nanoTime();
        timeline.schedule(Math.max(0, untilNext), this::begin);
        outcome.accept(result); // last: whatever it throws, probing goes on
    }

    private long jitteredInterval() {
        double factor = 1 + JITTER * (2 * random.nextDouble() - 1);
        return (long) (backend.probe().interval().toNanos() * factor);
    }
}
