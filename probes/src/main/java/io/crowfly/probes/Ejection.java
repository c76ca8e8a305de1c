package io.crowfly.probes;

import io.crowfly.probes.Observation.Strike;
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
 * @param earliestNanos when a probe that passes may bring it back
 * @param unauthorized whether the last ejection was for our credential, which has not been taken since
 * @param probeRefused whether a probe that shows the credential has failed since then
 */
record Ejection(
        int failures,
        int ejections,
        long untilNanos,
        long sinceNanos,
        long earliestNanos,
        boolean unauthorized,
        boolean probeRefused,
        String reason) {

    static final Ejection NONE = new Ejection(0, 0, Long.MIN_VALUE, Long.MIN_VALUE, Long.MIN_VALUE, false, false, "");

    private static final int FAILURES = 3;

    /** First and longest time out. The former is a probe or two; the latter bounds what a wrong verdict costs. */
    private static final Duration FIRST = Duration.ofSeconds(1);

    private static final Duration LONGEST = Duration.ofMinutes(1);

    /** Credentials are mended by people. */
    private static final Duration UNAUTHORIZED_FIRST = Duration.ofMinutes(1);

    private static final Duration UNAUTHORIZED_LONGEST = Duration.ofMinutes(10);

    /** Share by which a return may come later. */
    private static final double JITTER = 0.25;

    /** So many times its last ejection without another one, and the next is a first one again. */
    private static final int FORGIVEN_AFTER = 10;

    Ejection after(Strike strike, String why, long nowNanos, RandomGenerator random) {
        return switch (strike) {
            case UNREACHABLE -> untilNanos == Long.MAX_VALUE ? this : ejected(why, true, nowNanos, random);
            case UNAUTHORIZED -> isOut(nowNanos) ? this : unauthorized(why, nowNanos, random);
            case FAILED, SILENT, BROKEN -> failed(why, nowNanos, random);
            case FORBIDDEN, NO_DEPLOYMENT -> this;
        };
    }

    private Ejection failed(String why, long nowNanos, RandomGenerator random) {
        if (isOut(nowNanos)) {
            return this; // one that was sent before
        }
        int run = failures + 1;
        return run >= FAILURES
                ? ejected(run + " failures in a row: " + why, false, nowNanos, random)
                : new Ejection(
                        run, ejections, untilNanos, sinceNanos, earliestNanos, unauthorized, probeRefused, reason);
    }

    private Ejection ejected(String why, boolean probeNeeded, long nowNanos, RandomGenerator random) {
        int count = isForgiven(nowNanos) ? 1 : ejections + 1;
        long until = nowNanos + time(FIRST, LONGEST, count, random);
        // One that came back and fails before it has answered anything has not come back.
        return new Ejection(
                FAILURES - 1, count, probeNeeded ? Long.MAX_VALUE : until, nowNanos, until, false, false, why);
    }

    private Ejection unauthorized(String why, long nowNanos, RandomGenerator random) {
        int count = unauthorized ? ejections + 1 : 1;
        long until = nowNanos + time(UNAUTHORIZED_FIRST, UNAUTHORIZED_LONGEST, count, random);
        return new Ejection(0, count, until, nowNanos, until, true, false, why);
    }

    private static long time(Duration first, Duration longest, int count, RandomGenerator random) {
        long nanos = first.toNanos();
        for (int i = 1; i < count && nanos < longest.toNanos(); i++) {
            nanos *= 2;
        }
        nanos = StrictMath.min(nanos, longest.toNanos());
        return (long) (nanos * (1 + JITTER * random.nextDouble()));
    }

    private boolean isForgiven(long nowNanos) {
        long lastTime =
                StrictMath.min(LONGEST.toNanos(), FIRST.toNanos() << StrictMath.min(Math.max(0, ejections - 1), 10));
        return ejections == 0 || untilNanos != Long.MAX_VALUE && nowNanos - untilNanos > FORGIVEN_AFTER * lastTime;
    }

    /**
     * An answer that a backend in working order gives.
     *
     * @param sinceSentNanos how long ago the request was sent; one from before an ejection tells of the time before
     */
    Ejection afterAnswer(long sinceSentNanos, long nowNanos) {
        if (unauthorized) {
            return nowNanos - sinceSentNanos > sinceNanos ? taken(nowNanos) : this;
        }
        return failures == 0 || isOut(nowNanos)
                ? this
                : new Ejection(0, ejections, untilNanos, sinceNanos, earliestNanos, false, false, reason);
    }

    /** Our credential has been taken. */
    private Ejection taken(long nowNanos) {
        long until = StrictMath.min(nowNanos, untilNanos);
        return new Ejection(0, ejections, until, sinceNanos, earliestNanos, false, false, reason);
    }

    /**
     * @param tookNanos the probe that passed; one that had begun before the failure tells of the time before
     * @param credentialShown whether the backend was shown our credential
     */
    Ejection afterProbe(long tookNanos, boolean credentialShown, long nowNanos) {
        if (nowNanos - tookNanos <= sinceNanos) {
            return this;
        }
        if (unauthorized) {
            return probeRefused && credentialShown ? taken(nowNanos) : this;
        }
        long until = StrictMath.max(nowNanos, earliestNanos);
        return untilNanos == Long.MAX_VALUE
                ? new Ejection(failures, ejections, until, sinceNanos, earliestNanos, false, false, reason)
                : this;
    }

    /** A probe that failed, and had shown our credential. */
    Ejection afterProbeRefused() {
        return unauthorized && !probeRefused
                ? new Ejection(failures, ejections, untilNanos, sinceNanos, earliestNanos, true, true, reason)
                : this;
    }

    boolean isOut(long nowNanos) {
        return nowNanos < untilNanos;
    }
}
