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
    private static final Duration LOST_AFTER = Duration.ofSeconds(1);

    private final Backend backend;
    private final Prober prober;
    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final Consumer<ProbeResult> resultConsumer;

    private volatile boolean stopped;

    /** The number of the probe that is out or due. Whatever belongs to another one comes too late. */
    private long probeNumber;

    private long startedAtNanos;

    /** @param resultConsumer called on the timeline's thread, once per probe, never after {@link #stop} returned there */
    ProbeSchedule(
            Backend backend,
            Prober prober,
            Scheduler scheduler,
            RandomGenerator random,
            Consumer<ProbeResult> resultConsumer) {
        this.backend = backend;
        this.prober = prober;
        this.scheduler = scheduler;
        this.random = random;
        this.resultConsumer = resultConsumer;
    }

    void start() {
        scheduler.schedule(0, this::startProbe);
    }

    /** The prober can't be called back, but what it still finds is ignored. */
    void stop() {
        stopped = true;
    }

    private void startProbe() {
        if (stopped) {
            return;
        }
        long number = probeNumber;
        startedAtNanos = scheduler.nanoTime();
        Duration timeLimit = backend.probe().timeout().plus(LOST_AFTER);
        scheduler.schedule(
                timeLimit.toNanos(),
                () -> finishProbe(
                        number, new ProbeResult.Failure("probe lost, no result after " + timeLimit.toMillis() + "ms")));
        try {
            prober.probe(backend, result -> enqueueResult(number, result));
        } catch (RuntimeException e) {
            // The class only: a message may quote what was to be sent, credentials and all.
            finishProbe(
                    number,
                    new ProbeResult.Failure("probe not sent: " + e.getClass().getSimpleName()));
        }
    }

    private void enqueueResult(long number, ProbeResult result) {
        if (!stopped) { // once stopped, the timeline may be gone
            scheduler.schedule(0, () -> finishProbe(number, result));
        }
    }

    private void finishProbe(long number, ProbeResult result) {
        if (stopped || number != probeNumber) {
            return;
        }
        probeNumber++;
        long untilNext = startedAtNanos + jitteredInterval() - scheduler.nanoTime();
        scheduler.schedule(Math.max(0, untilNext), this::startProbe);
        resultConsumer.accept(result); // last: whatever it throws, probing goes on
    }

    private long jitteredInterval() {
        double factor = 1 + JITTER * (2 * random.nextDouble() - 1);
        return (long) (backend.probe().interval().toNanos() * factor);
    }
}
