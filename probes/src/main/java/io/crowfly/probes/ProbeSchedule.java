package io.crowfly.probes;

import io.crowfly.conf.Backend;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Schedule of one backend's probes: sends the first probe at once, then one per interval with jitter. The next probe is
 * scheduled when a probe ends, so two never overlap. A probe for which the {@link Prober} returns no result ends as
 * failed.
 *
 * <p>All work runs on the scheduler's thread. Only {@link #start} and {@link #stop} may be called on any thread.
 */
final class ProbeSchedule {

    /**
     * Share of the interval by which a probe may be earlier or later. Without jitter, probes of many backends and
     * instances could synchronize and measure the burst that they cause themselves.
     */
    private static final double JITTER = 0.10;

    /**
     * Time after the probe's timeout at which a missing result counts as a failure. A pause of the garbage collector is
     * far shorter. A longer time would leave the backend without probes for longer.
     */
    private static final Duration LOST_AFTER = Duration.ofSeconds(1);

    private final Backend backend;
    private final Prober prober;
    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final Consumer<ProbeResult> resultConsumer;

    private volatile boolean stopped;

    /** Number of the probe in progress or due. A result with another number arrived too late and is ignored. */
    private long probeNumber;

    private long startedAtNanos;

    /**
     * @param resultConsumer called on the scheduler's thread, once per probe; never after {@link #stop} has returned on
     *     that thread
     */
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

    /** Stops the schedule. A probe in progress cannot be cancelled; its result is ignored. */
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
            // Only the exception's class is reported, because the message may contain the request with its credential.
            finishProbe(
                    number,
                    new ProbeResult.Failure("probe not sent: " + e.getClass().getSimpleName()));
        }
    }

    private void enqueueResult(long number, ProbeResult result) {
        if (!stopped) { // after stop() the scheduler may have ended
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
        resultConsumer.accept(result); // last, so that probing continues even if this throws
    }

    private long jitteredInterval() {
        double factor = 1 + JITTER * (2 * random.nextDouble() - 1);
        return (long) (backend.probe().interval().toNanos() * factor);
    }
}
