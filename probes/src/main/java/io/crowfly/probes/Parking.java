package io.crowfly.probes;

import io.crowfly.probes.state.StateFields;
import java.time.Duration;

/**
 * Parking of one (backend, model) pair: the pair gets no requests for a known time, although the backend itself is
 * healthy. Causes are a 429, a nearly exhausted quota, a missing permission, or a missing deployment. An immutable
 * value.
 *
 * @param untilNanos end of the parking, in {@link Scheduler#nanoTime} time
 * @param count how many times in a row the pair was parked for this cause
 * @param reason for operators, in a few words
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
     * Limits for a {@code Retry-After}, because Azure has sent 0 and a whole day. Without {@code Retry-After}, as at
     * Google, the first parking is short and later ones double. Shared capacity returns within seconds, but a request
     * sent too early counts against the quota.
     */
    private static final Duration MIN_TIME = Duration.ofMillis(100);

    private static final Duration MAX_TIME = Duration.ofSeconds(60);
    private static final Duration FIRST_GUESS = Duration.ofSeconds(1);
    private static final Duration MAX_GUESS = Duration.ofSeconds(30);

    /**
     * Time for which a missing deployment or permission parks the model. A new deployment, or a granted permission,
     * takes some minutes to become effective.
     */
    private static final Duration NO_DEPLOYMENT_TIME = Duration.ofMinutes(1);

    private static final Duration FORBIDDEN_TIME = Duration.ofMinutes(1);

    /**
     * Time for which a nearly exhausted quota without a reset time parks the model. Short, because quotas are counted
     * in windows of seconds.
     */
    private static final Duration QUOTA_TIME = Duration.ofSeconds(1);

    private static final Duration MAX_QUOTA_TIME = Duration.ofSeconds(10);

    static Parking throttled(Parking before, long retryAfterNanos, long nowNanos) {
        boolean again = before.cause == Cause.THROTTLED;
        if (again && nowNanos < before.untilNanos) {
            return before; // the request was sent before the parking
        }
        int count = again && nowNanos - before.untilNanos < MAX_TIME.toNanos() ? before.count + 1 : 1;
        long time = retryAfterNanos > 0
                ? clamp(retryAfterNanos, MAX_TIME)
                : StrictMath.min(MAX_GUESS.toNanos(), FIRST_GUESS.toNanos() << StrictMath.min(count - 1, 10));
        return new Parking(Cause.THROTTLED, nowNanos + time, count, "429");
    }

    static Parking quota(long resetNanos, long nowNanos) {
        long time = resetNanos > 0 ? clamp(resetNanos, MAX_QUOTA_TIME) : QUOTA_TIME.toNanos();
        return new Parking(Cause.QUOTA, nowNanos + time, 1, "quota nearly used up");
    }

    static Parking forbidden(String reason, long nowNanos) {
        return new Parking(Cause.FORBIDDEN, nowNanos + FORBIDDEN_TIME.toNanos(), 1, reason);
    }

    static Parking noDeployment(long nowNanos) {
        return new Parking(Cause.NO_DEPLOYMENT, nowNanos + NO_DEPLOYMENT_TIME.toNanos(), 1, "deployment not found");
    }

    private static long clamp(long nanos, Duration longest) {
        return StrictMath.max(MIN_TIME.toNanos(), StrictMath.min(nanos, longest.toNanos()));
    }

    /** Returns whether the pair is still parked at the given time. */
    public boolean isActive(long nowNanos) {
        return nowNanos < untilNanos;
    }

    /** Returns the state after its transfer to another process or from one. */
    Parking transferred(StateFields fields) {
        return new Parking(
                fields.constant("cause", cause),
                fields.moment("until", untilNanos),
                (int) StrictMath.min(Integer.MAX_VALUE, fields.whole("count", count)),
                fields.text("reason", reason));
    }
}
