package io.crowfly.probes;

import io.crowfly.probes.Observation.FailureKind;
import io.crowfly.probes.state.StateFields;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Ejection state of one backend or of one (backend, model) pair, changed by failures of live requests: passive outlier
 * ejection as in Envoy, on consecutive failures. The duration doubles with each ejection that follows soon. The end is
 * jittered, so that many Crowfly instances do not send requests again at the same time.
 *
 * <p>An unreachable backend is ejected at once and until a probe passes, because further requests would fail in the
 * same way. Any other failure may be chance, so three in a row are needed. Slow responses are no reason for an
 * ejection, because the forecasts already reduce the traffic of a slow backend.
 *
 * <p>A backend that rejects Crowfly's credential is ejected for longer, because an operator must repair the credential.
 * The ejection ends with the response to a request sent after the rejection. It also ends with a passed probe, but only
 * after a failed one: many health paths need no credential, and the right to list models does not include the right to
 * use them.
 *
 * <p>An immutable value.
 *
 * @param longestNanos maximum duration of an ejection, without its jitter
 * @param failures consecutive failures so far; after an ejection and until a response, one less than an ejection needs
 * @param ejections number of ejections that followed each other closely
 * @param untilNanos when the ejection ends; {@link Long#MAX_VALUE} while it lasts until a probe passes
 * @param sinceNanos when the backend was last ejected
 * @param earliestReturnNanos the earliest time at which a passed probe ends the ejection
 * @param unauthorized whether the backend was last ejected because it rejected Crowfly's credential, and has not
 *     accepted the credential since
 * @param probeFailed whether a probe with the credential attached has failed since the last ejection
 * @param reason why the backend was last ejected, for operators
 */
record Ejection(
        long longestNanos,
        int failures,
        int ejections,
        long untilNanos,
        long sinceNanos,
        long earliestReturnNanos,
        boolean unauthorized,
        boolean probeFailed,
        String reason) {

    private static final int FAILURES_NEEDED = 3;

    /** Duration of the first ejection: about one probe interval. */
    private static final Duration FIRST_EJECTION = Duration.ofSeconds(1);

    /** Maximum duration for a backend. It limits the traffic that a wrong ejection costs. */
    private static final Duration LONGEST_OF_BACKEND = Duration.ofMinutes(1);

    /**
     * Maximum duration for one model. Shorter, because no probe shows that the model works again. A trial costs one
     * failed attempt of one request, which another backend repairs.
     */
    private static final Duration LONGEST_OF_MODEL = Duration.ofSeconds(6);

    /** Initial state of a backend. */
    static final Ejection NONE = none(LONGEST_OF_BACKEND);

    /** Initial state of a (backend, model) pair. */
    static final Ejection NONE_OF_MODEL = none(LONGEST_OF_MODEL);

    /**
     * First and maximum duration of an ejection after a rejected credential. Longer, because an operator must repair
     * the credential.
     */
    private static final Duration UNAUTHORIZED_FIRST = Duration.ofMinutes(1);

    private static final Duration UNAUTHORIZED_LONGEST = Duration.ofMinutes(10);

    /** Share of the duration by which an ejection is randomly prolonged, at most. */
    private static final double JITTER = 0.25;

    /** The doubling of durations starts anew after a time without ejection of this many times the last duration. */
    private static final int RESET_AFTER = 10;

    private static Ejection none(Duration longest) {
        return new Ejection(longest.toNanos(), 0, 0, Long.MIN_VALUE, Long.MIN_VALUE, Long.MIN_VALUE, false, false, "");
    }

    /**
     * Returns the state after a failed attempt.
     *
     * @param sinceSentNanos how long ago the request was sent; a failure of a request sent before the ejection shows
     *     nothing new
     */
    Ejection afterFailure(FailureKind kind, String cause, long sinceSentNanos, long nowNanos, RandomGenerator random) {
        return switch (kind) {
            case UNREACHABLE -> untilNanos == Long.MAX_VALUE ? this : ejected(cause, true, nowNanos, random);
            case UNAUTHORIZED -> isEjected(nowNanos) ? this : unauthorized(cause, nowNanos, random);
            case ERROR, TIMED_OUT, INTERRUPTED -> failed(cause, sinceSentNanos, nowNanos, random);
            case FORBIDDEN, NO_DEPLOYMENT -> this;
        };
    }

    private Ejection failed(String cause, long sinceSentNanos, long nowNanos, RandomGenerator random) {
        if (isEjected(nowNanos) || isOlderThanLast(sinceSentNanos, nowNanos)) {
            return this; // the request was sent before the ejection
        }
        int count = failures + 1;
        return count >= FAILURES_NEEDED
                ? ejected(count + " failures in a row: " + cause, false, nowNanos, random)
                : new Ejection(
                        longestNanos,
                        count,
                        ejections,
                        untilNanos,
                        sinceNanos,
                        earliestReturnNanos,
                        unauthorized,
                        probeFailed,
                        reason);
    }

    private Ejection ejected(String cause, boolean probeNeeded, long nowNanos, RandomGenerator random) {
        int count = isCountReset(nowNanos) ? 1 : ejections + 1;
        long until = nowNanos + ejectionNanos(FIRST_EJECTION.toNanos(), longestNanos, count, random);
        // FAILURES_NEEDED - 1: after the ejection ends, a single failure before the first response ejects the backend
        // again.
        return new Ejection(
                longestNanos,
                FAILURES_NEEDED - 1,
                count,
                probeNeeded ? Long.MAX_VALUE : until,
                nowNanos,
                until,
                false,
                false,
                cause);
    }

    /** Returns the state after most of a backend's models were ejected: the whole backend is ejected now. */
    Ejection afterModelsEjected(String cause, long nowNanos, RandomGenerator random) {
        return isEjected(nowNanos) ? this : ejected(cause, false, nowNanos, random);
    }

    private Ejection unauthorized(String cause, long nowNanos, RandomGenerator random) {
        int count = unauthorized ? ejections + 1 : 1;
        long until =
                nowNanos + ejectionNanos(UNAUTHORIZED_FIRST.toNanos(), UNAUTHORIZED_LONGEST.toNanos(), count, random);
        return new Ejection(longestNanos, 0, count, until, nowNanos, until, true, false, cause);
    }

    private static long ejectionNanos(long firstNanos, long longestNanos, int count, RandomGenerator random) {
        long nanos = firstNanos;
        for (int i = 1; i < count && nanos < longestNanos; i++) {
            nanos *= 2;
        }
        nanos = StrictMath.min(nanos, longestNanos);
        return (long) (nanos * (1 + JITTER * random.nextDouble()));
    }

    private boolean isCountReset(long nowNanos) {
        long lastTime = StrictMath.min(
                longestNanos, FIRST_EJECTION.toNanos() << StrictMath.min(Math.max(0, ejections - 1), 10));
        return ejections == 0 || untilNanos != Long.MAX_VALUE && nowNanos - untilNanos > RESET_AFTER * lastTime;
    }

    /**
     * Returns the state after a response of a working backend.
     *
     * @param sinceSentNanos how long ago the request was sent; a request sent before the ejection does not end the
     *     ejection
     */
    Ejection afterResponse(long sinceSentNanos, long nowNanos) {
        if (unauthorized) {
            return nowNanos - sinceSentNanos > sinceNanos ? credentialAccepted(nowNanos) : this;
        }
        return failures == 0 || isEjected(nowNanos)
                ? this
                : new Ejection(
                        longestNanos, 0, ejections, untilNanos, sinceNanos, earliestReturnNanos, false, false, reason);
    }

    /** Returns the state after the backend has accepted Crowfly's credential: the ejection ends now. */
    private Ejection credentialAccepted(long nowNanos) {
        long until = StrictMath.min(nowNanos, untilNanos);
        return new Ejection(longestNanos, 0, ejections, until, sinceNanos, earliestReturnNanos, false, false, reason);
    }

    /**
     * Returns the state after a passed probe.
     *
     * @param tookNanos duration of the probe; a probe that began before the ejection does not end the ejection
     * @param credentialAttached whether Crowfly's credential was attached to the probe
     */
    Ejection afterPassedProbe(long tookNanos, boolean credentialAttached, long nowNanos) {
        if (nowNanos - tookNanos <= sinceNanos) {
            return this;
        }
        if (unauthorized) {
            return probeFailed && credentialAttached ? credentialAccepted(nowNanos) : this;
        }
        long until = StrictMath.max(nowNanos, earliestReturnNanos);
        return untilNanos == Long.MAX_VALUE
                ? new Ejection(
                        longestNanos, failures, ejections, until, sinceNanos, earliestReturnNanos, false, false, reason)
                : this;
    }

    /** Returns the state after a failed probe to which Crowfly's credential was attached. */
    Ejection afterFailedProbe() {
        return unauthorized && !probeFailed
                ? new Ejection(
                        longestNanos,
                        failures,
                        ejections,
                        untilNanos,
                        sinceNanos,
                        earliestReturnNanos,
                        true,
                        true,
                        reason)
                : this;
    }

    /** Returns whether a request was sent before the last ejection. */
    boolean isOlderThanLast(long sinceSentNanos, long nowNanos) {
        return nowNanos - sinceSentNanos <= sinceNanos;
    }

    boolean isEjected(long nowNanos) {
        return nowNanos < untilNanos;
    }

    /** Returns the state after its transfer to another process or from one. */
    Ejection transferred(StateFields fields) {
        return new Ejection(
                longestNanos,
                (int) StrictMath.min(FAILURES_NEEDED - 1, fields.whole("failures", failures)),
                (int) StrictMath.min(Integer.MAX_VALUE, fields.whole("ejections", ejections)),
                fields.moment("until", untilNanos),
                fields.moment("since", sinceNanos),
                fields.moment("earliestReturn", earliestReturnNanos),
                fields.flag("unauthorized", unauthorized),
                fields.flag("probeFailed", probeFailed),
                fields.text("reason", reason));
    }
}
