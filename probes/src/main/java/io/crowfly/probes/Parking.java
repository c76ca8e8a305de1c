package io.crowfly.probes;

import java.time.Duration;

/**
 * A model at a backend that is not to be asked for a while though nothing is wrong with the backend: it has said 429, its
 * quota is nearly used up, we have no right to the model, or it does not know it. An immutable value.
 *
 * @param untilNanos on the {@link Scheduler}
 * @param count in a row that it was parked for the same cause
 * @param reason for operators
 */
public record Parking(Cause cause, long untilNanos, int count, String reason) {

    public enum Cause {
        THROTTLED,
        QUOTA,
        FORBIDDEN,
        NO_DEPLOYMENT
    }

    static final Parking NONE = new Parking(Cause.QUOTA, Long.MIN_VALUE, 0, "");

    /**
     * Hints are clamped: Azure has been seen to say 0, and a day. Without one, as at Google, the first guess is short and
     * doubles: shared capacity comes back within seconds, and asking too early counts against the quota.
     */
    private static final Duration MIN_TIME = Duration.ofMillis(100);

    private static final Duration MAX_TIME = Duration.ofSeconds(60);
    private static final Duration FIRST_GUESS = Duration.ofSeconds(1);
    private static final Duration MAX_GUESS = Duration.ofSeconds(30);

    /** A new deployment takes some minutes to be there, and so does a right that was granted. */
    private static final Duration NO_DEPLOYMENT_TIME = Duration.ofMinutes(1);

    private static final Duration FORBIDDEN_TIME = Duration.ofMinutes(1);

    /** What a quota's counter says of its own reset is a guess: requests count in windows of seconds. */
    private static final Duration QUOTA_TIME = Duration.ofSeconds(1);

    private static final Duration MAX_QUOTA_TIME = Duration.ofSeconds(10);

    static Parking throttled(Parking before, long retryAfterNanos, long nowNanos) {
        boolean again = before.cause == Cause.THROTTLED;
        if (again && nowNanos < before.untilNanos) {
            return before; // one that was sent before
        }
        int count = again && nowNanos - before.untilNanos < MAX_TIME.toNanos() ? before.count + 1 : 1;
        long time = retryAfterNanos > 0
                ? clamp(retryAfterNanos, MAX_TIME)
                : StrictMath.min(MAX_GUESS.toNanos(), FIRST_GUESS.toNanos() << StrictMath.min(count - 1, 10));
        return new Parking(Cause.THROTTLED, nowNanos + time, count, "429");
    }

    static Parking quota(long resetNanos, long nowNanos) {
        long time = resetNanos > 0 ? clamp(resetNanos, MAX_QUOTA_TIME) : QUOTA_TIME.toNanos();
        return new Parking(Cause.QUOTA, nowNanos + time, 1, "its quota is nearly used up");
    }

    static Parking forbidden(String reason, long nowNanos) {
        return new Parking(Cause.FORBIDDEN, nowNanos + FORBIDDEN_TIME.toNanos(), 1, reason);
    }

    static Parking noDeployment(long nowNanos) {
        return new Parking(
                Cause.NO_DEPLOYMENT, nowNanos + NO_DEPLOYMENT_TIME.toNanos(), 1, "it does not know the model");
    }

    private static long clamp(long nanos, Duration longest) {
        return StrictMath.max(MIN_TIME.toNanos(), StrictMath.min(nanos, longest.toNanos()));
    }

    public boolean isActive(long nowNanos) {
        return nowNanos < untilNanos;
    }
}
