package io.crowfly.probes;

import io.crowfly.conf.Probe;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.ModelHealth.Cause;
import io.crowfly.probes.ModelHealth.Ejected;
import io.crowfly.probes.Observation.FailureKind;
import io.crowfly.probes.state.StateFields;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Mutable health of one (backend, model) pair: ejection, failure share, parking, and the results of inference probes.
 * Confined to the thread of its {@link BackendState}.
 */
final class ModelState {

    /**
     * Number of first tokens that end a row of failures after an interrupted response. More than one, because an
     * interrupted response has a first token too.
     */
    private static final int FIRST_TOKENS_AFTER_INTERRUPTION = 4;

    /** Time for which a model counts as recently served, and time constant of {@link #requests}. */
    private static final long RECENT_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final long DECAY_STEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    /**
     * Maximum time, after an ejection because of missing responses, for which the pair gets few requests until it
     * responds. Each of them may wait a second or more without a response.
     */
    private static final long TRIAL_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** Time after a report of an overdue trial request in which no other request is sent. */
    private static final long HOLD_NANOS = TimeUnit.SECONDS.toNanos(1);

    /**
     * {@link Parking#NONE} before the first parking. The last parking stays until a response, as it counts repetitions.
     */
    private Parking parking = Parking.NONE;

    private Ejection ejection = Ejection.NONE_OF_MODEL;
    private Cause cause = Cause.ERROR;
    private int firstTokensNeeded = 1;
    private FailureShare failures = FailureShare.NONE;

    /** {@link #failures} before the present row of failures. */
    private FailureShare failuresBeforeRow = FailureShare.NONE;

    /** Whether the pair has been ejected in the present row of failures. */
    private boolean ejectedInRow;

    /** Until when the pair gets no requests, because a request of its trial is overdue. */
    private long heldUntilNanos = Long.MIN_VALUE;

    private HealthTracker probed = HealthTracker.NOT_PROBED;

    private boolean answered;

    /** About the number of requests in the last minute, as of {@link #decayedAtNanos}, plus those since then. */
    private double requests;

    private long decayedAtNanos = Long.MIN_VALUE;
    private long requestedAtNanos = Long.MIN_VALUE;

    private boolean unavailable;
    private long returnedAtNanos = Long.MIN_VALUE;

    void recordFirstToken(long sinceSentNanos, long nowNanos) {
        answered = true;
        heldUntilNanos = Long.MIN_VALUE;
        countRequest(nowNanos);
        failures = failures.afterAttempt(false, nowNanos);
        if (isOnTrial(nowNanos)) {
            returnedAtNanos = nowNanos; // the pair has waited for this response at the beginning of its slow start
        }
        if (firstTokensNeeded > 1) {
            firstTokensNeeded--;
        } else {
            endRow(sinceSentNanos, nowNanos);
        }
        if (!parking.isActive(nowNanos)) {
            returnedAtNanos = returnedAtNanos(nowNanos); // otherwise slow start would end with the first response
            parking = Parking.NONE;
        }
    }

    private void endRow(long sinceSentNanos, long nowNanos) {
        ejection = ejection.afterResponse(sinceSentNanos, nowNanos);
        if (ejectedInRow && !ejection.isEjected(nowNanos)) {
            // The fault is over. If its failures still counted, the pair would regain its traffic only after a minute.
            failures = failuresBeforeRow.afterAttempt(false, nowNanos);
            ejectedInRow = false;
        }
    }

    /** Records that a request has waited for its first token for longer than almost all do. A request that was sent
     * before the ejection is no trial. */
    void recordOverdue(long waitedNanos, long nowNanos) {
        if (isOnTrial(nowNanos) && !ejection.isOlderThanLast(waitedNanos, nowNanos)) {
            heldUntilNanos = nowNanos + HOLD_NANOS;
        }
    }

    /** Returns whether the pair was ejected because of missing responses, and has not responded since. */
    private boolean isOnTrial(long nowNanos) {
        return ejectedInRow && cause == Cause.TIMED_OUT && !ejection.isEjected(nowNanos);
    }

    /** Records a failure in the share only, because the whole backend is responsible for requests without a model. */
    void recordShare(long nowNanos) {
        failures = failures.afterAttempt(true, nowNanos);
    }

    /**
     * Records a failure that may be the model's fault.
     *
     * @return whether the failure ejected the pair
     */
    boolean recordFailure(Observation.Failed failed, RandomGenerator random) {
        long nowNanos = failed.atNanos();
        if (ejection.failures() == 0) {
            failuresBeforeRow = failures;
        }
        recordShare(nowNanos);
        if (ejection.isEjected(nowNanos)) {
            return false; // the request was sent before the ejection
        }
        countRequest(nowNanos);
        if (failed.kind() == FailureKind.INTERRUPTED) {
            firstTokensNeeded = FIRST_TOKENS_AFTER_INTERRUPTION;
        }
        ejection = ejection.afterFailure(failed.kind(), failed.reason(), failed.sinceSentNanos(), nowNanos, random);
        if (!ejection.isEjected(nowNanos)) {
            return false;
        }
        ejectedInRow = true;
        cause = switch (failed.kind()) {
            case TIMED_OUT -> Cause.TIMED_OUT;
            case INTERRUPTED -> Cause.INTERRUPTED;
            default -> Cause.ERROR;
        };
        return true;
    }

    /**
     * Records the end of an outage of the whole backend. The outage is the reason for the present row of failures, so
     * they no longer count, and one first token ends the row, also after an interrupted response.
     */
    void recordOutageEnd() {
        if (ejection.failures() > 0) {
            failures = failuresBeforeRow;
            firstTokensNeeded = 1;
        }
    }

    /** Records an inference probe whose result is about the model, not about the backend. */
    void recordProbe(ProbeResult result, Probe thresholds) {
        probed = probed.afterProbe(result, thresholds);
    }

    /** Forgets the results of probes, because the conf no longer has such a probe. */
    void forgetProbes() {
        probed = HealthTracker.NOT_PROBED;
    }

    private void countRequest(long nowNanos) {
        if (nowNanos - decayedAtNanos > DECAY_STEP_NANOS || decayedAtNanos == Long.MIN_VALUE) {
            requests = requestsAt(nowNanos);
            decayedAtNanos = nowNanos;
        }
        requests++;
        requestedAtNanos = nowNanos;
    }

    /** Returns about the number of requests in the last minute whose outcome was a first token or a failure. */
    double requestsAt(long nowNanos) {
        return requests == 0
                ? 0
                : requests * StrictMath.exp(-StrictMath.max(0.0, nowNanos - decayedAtNanos) / RECENT_NANOS);
    }

    /**
     * Returns whether the backend has recently served the model, or would have if the pair were not ejected.
     *
     * @param listed whether the conf lists the model. A model that is not listed counts only after a response, because
     *     a client may have invented the name
     */
    boolean isServed(boolean listed, long nowNanos) {
        boolean recent = requestedAtNanos != Long.MIN_VALUE && nowNanos - requestedAtNanos < RECENT_NANOS;
        return (listed || answered) && (recent || isEjected(nowNanos));
    }

    /** Returns whether the backend has ever responded to a live request for the model. */
    boolean isAnswered() {
        return answered;
    }

    Parking parking() {
        return parking;
    }

    /** Parks the pair. The longer parking stays, because a 429 may also carry a quota header with a shorter time. */
    void park(Parking next) {
        parking = next.untilNanos() < parking.untilNanos() ? parking : next;
    }

    boolean isEjected(long nowNanos) {
        return ejection.isEjected(nowNanos) || isHeld(nowNanos) || probed.health() == Health.UNHEALTHY;
    }

    private boolean isHeld(long nowNanos) {
        return nowNanos < heldUntilNanos;
    }

    /** Records a return from an ejection, if one is due by now. */
    void advance(long nowNanos) {
        boolean nowUnavailable = isEjected(nowNanos);
        if (unavailable && !nowUnavailable) {
            returnedAtNanos = nowNanos;
        }
        unavailable = nowUnavailable;
    }

    /**
     * Returns when the pair last became available again after an ejection or a parking. That is the present time during
     * a trial, so that slow start goes on only after a response.
     */
    long returnedAtNanos(long nowNanos) {
        long fromEjection =
                isOnTrial(nowNanos) ? StrictMath.min(nowNanos, returnedAtNanos + TRIAL_NANOS) : returnedAtNanos;
        return parking.isActive(nowNanos) ? fromEjection : StrictMath.max(fromEjection, parking.untilNanos());
    }

    /** Returns whether the pair is ejected or has recent failures. */
    boolean isNotable(long nowNanos) {
        return isEjected(nowNanos) || failures.shareAt(nowNanos) > FailureShare.NEGLIGIBLE;
    }

    ModelHealth health(boolean listed, long nowNanos) {
        return new ModelHealth(ejected(nowNanos), failures.shareAt(nowNanos), listed);
    }

    private Optional<Ejected> ejected(long nowNanos) {
        if (probed.health() == Health.UNHEALTHY) {
            return Optional.of(new Ejected(Cause.PROBE, Long.MAX_VALUE, probed.reason()));
        }
        if (isHeld(nowNanos)) {
            return Optional.of(new Ejected(Cause.TIMED_OUT, heldUntilNanos, "a trial request has no response yet"));
        }
        return ejection.isEjected(nowNanos)
                ? Optional.of(new Ejected(cause, ejection.untilNanos(), ejection.reason()))
                : Optional.empty();
    }

    /**
     * Transfers the state to another process or from one, except the results of inference probes: each process judges
     * by its own.
     */
    void transfer(StateFields fields) {
        parking = parking.transferred(fields.part("parking"));
        ejection = ejection.transferred(fields.part("ejection"));
        cause = fields.constant("cause", cause);
        firstTokensNeeded = (int) StrictMath.max(
                1,
                StrictMath.min(FIRST_TOKENS_AFTER_INTERRUPTION, fields.whole("firstTokensNeeded", firstTokensNeeded)));
        failures = failures.transferred(fields.part("failures"));
        failuresBeforeRow = failuresBeforeRow.transferred(fields.part("failuresBeforeRow"));
        ejectedInRow = fields.flag("ejectedInRow", ejectedInRow);
        heldUntilNanos = fields.moment("heldUntil", heldUntilNanos);
        answered = fields.flag("answered", answered);
        requests = StrictMath.max(0, fields.number("requests", requests));
        decayedAtNanos = fields.moment("decayedAt", decayedAtNanos);
        requestedAtNanos = fields.moment("requestedAt", requestedAtNanos);
        unavailable = fields.flag("unavailable", unavailable);
        returnedAtNanos = fields.moment("returnedAt", returnedAtNanos);
    }
}
