package io.crowfly.probes;

import io.crowfly.probes.Observation.FailureKind;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Whether live requests have put a backend out, beside what its probes say: passive outlier ejection as Envoy has it, on
 * failures in a row, for a time that doubles with each ejection that follows soon, and with a jittered return, so that
 * many edges don't come back in one moment.
 *
 * <p>A backend that can't be reached is out at once, and until a probe has passed: whatever comes next would fare the same,
 * and it is for a probe to find out, not for a user. Any other failure may be chance, and three in a row are needed. A
 * backend is slow, not failing, when its answers are: that is for its predictions to say, and no reason to eject it.
 *
 * <p>One that refuses our credential is out for longer, as people have to mend that, but no longer than it refuses it: an
 * answer to a request that was sent since brings it back, and so does a probe if one has failed since. A probe that has
 * passed all the while says nothing: many a path for health lets everybody in, and the right to list models is another one
 * than the right to ask them.
 *
 * <p>An immutable value.
 *
 * @param failures in a row up to now; all but one of those that are needed since it was ejected and until it answers
 * @param ejections that followed each other closely
 * @param untilNanos when the backend is back; {@link Long#MAX_VALUE} while it waits for a probe to pass
 * @param sinceNanos when it was last ejected
 * @param earliestReturnNanos when a probe that passes may bring it back
 * @param unauthorized whether the last ejection was for our credential, which has not been taken since
 * @param probeFailed whether a probe that shows the credential has failed since then
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

    /** First and longest time out. The former is a probe or two; the latter bounds what a wrong verdict costs. */
    private static final Duration FIRST_EJECTION = Duration.ofSeconds(1);

    private static final Duration LONGEST_EJECTION = Duration.ofMinutes(1);

    /** Credentials are mended by people. */
    private static final Duration UNAUTHORIZED_FIRST = Duration.ofMinutes(1);

    private static final Duration UNAUTHORIZED_LONGEST = Duration.ofMinutes(10);

    /** Share by which a return may come later. */
    private static final double JITTER = 0.25;

    /** So many times its last ejection without another one, and the next is a first one again. */
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
            return this; // one that was sent before
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
        // One that came back and fails before it has answered anything has not come back.
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
     * An answer that a backend in working order gives.
     *
     * @param sinceSentNanos how long ago the request was sent; one from before an ejection tells of the time before
     */
    Ejection afterResponse(long sinceSentNanos, long nowNanos) {
        if (unauthorized) {
            return nowNanos - sinceSentNanos > sinceNanos ? credentialAccepted(nowNanos) : this;
        }
        return failures == 0 || isEjected(nowNanos)
                ? this
                : new Ejection(0, ejections, untilNanos, sinceNanos, earliestReturnNanos, false, false, reason);
    }

    /** Our credential has been taken. */
    private Ejection credentialAccepted(long nowNanos) {
        long until = StrictMath.min(nowNanos, untilNanos);
        return new Ejection(0, ejections, until, sinceNanos, earliestReturnNanos, false, false, reason);
    }

    /**
     * @param tookNanos the probe that passed; one that had begun before the failure tells of the time before
     * @param credentialAttached whether the backend was shown our credential
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

    /** A probe that failed, and had shown our credential. */
    Ejection afterFailedProbe() {
        return unauthorized && !probeFailed
                ? new Ejection(failures, ejections, untilNanos, sinceNanos, earliestReturnNanos, true, true, reason)
                : this;
    }

    boolean isEjected(long nowNanos) {
        return nowNanos < untilNanos;
    }
}
