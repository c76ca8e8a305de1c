package io.crowfly.probes;

import io.crowfly.probes.Observation.FailureKind;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Ejection state of one backend, from live requests: passive outlier ejection as in Envoy, on consecutive failures. The
 * time doubles with each ejection that follows soon. The return is jittered, so that many edges do not return at once.
 *
 * <p>An unreachable backend is ejected at once and until a probe passes, because further requests would fail in the
 * same way. Any other failure may be chance, so three in a row are needed. Slow responses are no reason for an
 * ejection: the forecasts show them.
 *
 * <p>A backend that rejects our credential is ejected for longer, because people must repair that. The ejection ends
 * with the response to a request sent after the rejection. It also ends with a passed probe, but only after a failed
 * one: many health paths need no credential, and the right to list models does not include the right to use them.
 *
 * <p>An immutable value.
 *
 * @param failures consecutive failures so far; after an ejection and until a response, one less than an ejection needs
 * @param ejections number of ejections that followed each other closely
 * @param untilNanos when the ejection ends; {@link Long#MAX_VALUE} while it lasts until a probe passes
 * @param sinceNanos when the backend was last ejected
 * @param earliestReturnNanos the earliest time at which a passed probe ends the ejection
 * @param unauthorized whether the last ejection was for our credential, which has not been accepted since
 * @param probeFailed whether a probe with the credential attached has failed since the last ejection
 * @param reason why the backend was last ejected, for operators
 */
record Ejection(
        int failures,
        int ejections,
        long untilNanos,
        long sinceNanos,
        long earliestReturnNanos,
        boolean unauthorized,
        boolean probeFailed,
        String reason) {

    static final Ejection NONE = new Ejection(0, 0, Long.MIN_VALUE, Long.MIN_VALUE, Long.MIN_VALUE, false, false, "");

    private static final int FAILURES_NEEDED = 3;

    /** The first ejection lasts about one probe interval. The longest one bounds the cost of a wrong ejection. */
    private static final Duration FIRST_EJECTION = Duration.ofSeconds(1);

    private static final Duration LONGEST_EJECTION = Duration.ofMinutes(1);

    /** Longer, because people must repair credentials. */
    private static final Duration UNAUTHORIZED_FIRST = Duration.ofMinutes(1);

    private static final Duration UNAUTHORIZED_LONGEST = Duration.ofMinutes(10);

    /** Share of its time by which an ejection may last longer. */
    private static final double JITTER = 0.25;

    /** The count of ejections starts anew after this many times the length of the last one. */
    private static final int RESET_AFTER = 10;

    Ejection afterFailure(FailureKind kind, String cause, long nowNanos, RandomGenerator random) {
        return switch (kind) {
            case UNREACHABLE -> untilNanos == Long.MAX_VALUE ? this : ejected(cause, true, nowNanos, random);
            case UNAUTHORIZED -> isEjected(nowNanos) ? this : unauthorized(cause, nowNanos, random);
            case ERROR, TIMED_OUT, INTERRUPTED -> failed(cause, nowNanos, random);
            case FORBIDDEN, NO_DEPLOYMENT -> this;
        };
    }

    private Ejection failed(String cause, long nowNanos, RandomGenerator random) {
        if (isEjected(nowNanos)) {
            return this; // the request was sent before the ejection
        }
        int count = failures + 1;
        return count >= FAILURES_NEEDED
                ? ejected(count + " failures in a row: " + cause, false, nowNanos, random)
                : new Ejection(
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
        long until = nowNanos + ejectionNanos(FIRST_EJECTION, LONGEST_EJECTION, count, random);
        // After its return, a single failure before the first response ejects the backend again.
        return new Ejection(
                FAILURES_NEEDED - 1, count, probeNeeded ? Long.MAX_VALUE : until, nowNanos, until, false, false, cause);
    }

    private Ejection unauthorized(String cause, long nowNanos, RandomGenerator random) {
        int count = unauthorized ? ejections + 1 : 1;
        long until = nowNanos + ejectionNanos(UNAUTHORIZED_FIRST, UNAUTHORIZED_LONGEST, count, random);
        return new Ejection(0, count, until, nowNanos, until, true, false, cause);
    }

    private static long ejectionNanos(Duration first, Duration longest, int count, RandomGenerator random) {
        long nanos = first.toNanos();
        for (int i = 1; i < count && nanos < longest.toNanos(); i++) {
            nanos *= 2;
        }
        nanos = StrictMath.min(nanos, longest.toNanos());
        return (long) (nanos * (1 + JITTER * random.nextDouble()));
    }

    private boolean isCountReset(long nowNanos) {
        long lastTime = StrictMath.min(
                LONGEST_EJECTION.toNanos(), FIRST_EJECTION.toNanos() << StrictMath.min(Math.max(0, ejections - 1), 10));
        return ejections == 0 || untilNanos != Long.MAX_VALUE && nowNanos - untilNanos > RESET_AFTER * lastTime;
    }

    /**
     * Returns the state after a response of a working backend.
     *
     * @param sinceSentNanos how long ago the request was sent; a request sent before the ejection does not end it
     */
    Ejection afterResponse(long sinceSentNanos, long nowNanos) {
        if (unauthorized) {
            return nowNanos - sinceSentNanos > sinceNanos ? credentialAccepted(nowNanos) : this;
        }
        return failures == 0 || isEjected(nowNanos)
                ? this
                : new Ejection(0, ejections, untilNanos, sinceNanos, earliestReturnNanos, false, false, reason);
    }

    /** Returns the state after the backend has accepted our credential. */
    private Ejection credentialAccepted(long nowNanos) {
        long until = StrictMath.min(nowNanos, untilNanos);
        return new Ejection(0, ejections, until, sinceNanos, earliestReturnNanos, false, false, reason);
    }

    /**
     * Returns the state after a passed probe.
     *
     * @param tookNanos duration of the probe; a probe begun before the ejection does not end it
     * @param credentialAttached whether our credential was attached to the probe
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
                ? new Ejection(failures, ejections, until, sinceNanos, earliestReturnNanos, false, false, reason)
                : this;
    }

    /** Returns the state after a failed probe that had our credential attached. */
    Ejection afterFailedProbe() {
        return unauthorized && !probeFailed
                ? new Ejection(failures, ejections, untilNanos, sinceNanos, earliestReturnNanos, true, true, reason)
                : this;
    }

    boolean isEjected(long nowNanos) {
        return nowNanos < untilNanos;
    }
}
