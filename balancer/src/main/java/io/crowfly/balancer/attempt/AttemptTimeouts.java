package io.crowfly.balancer.attempt;

import io.crowfly.balancer.attempt.UpstreamFailure.Kind;
import io.crowfly.balancer.message.Request;
import io.crowfly.conf.Timeouts;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.Prediction.Basis;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/*
 * Two clocks: the client's, which runs from the moment when its request is whole, over all attempts; and each attempt's own,
 * which runs from the moment when the backend has the request. The first ends in a 504, the second only in another attempt,
 * and only where what is known of the backend says that waiting longer is hopeless.
 */

/** How long the attempts of one exchange are waited for. */
final class AttemptTimeouts {

    /** An attempt that takes less is never given up for its lateness: the network alone may hold a packet up that long. */
    private static final long MIN_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How far beyond the slowest in a thousand a wait must go: the estimate of so rare a thing is rough. */
    private static final int SLOWEST_FACTOR = 3;

    private final Request request;
    private final long connectNanos;
    private final long firstByteNanos;

    AttemptTimeouts(Request request, Timeouts timeouts) {
        this.request = request;
        connectNanos = timeouts.connect().toNanos();
        firstByteNanos = timeouts.firstByte().toNanos();
    }

    /** Whether the client has waited as long as it may for the beginning of an answer. */
    boolean isExpired(long nowNanos) {
        return request.ended() && nowNanos - request.endedNanos() > firstByteNanos;
    }

    /**
     * Gives up the attempts whose time is over, whether or not there are others to make.
     *
     * @return whether it was a backend's turn until now
     */
    boolean onTick(List<Attempt> attempts, long nowNanos) {
        boolean backendsTurn = false;
        // Giving one up may put another one behind it.
        for (int i = 0; i < attempts.size(); i++) {
            Attempt attempt = attempts.get(i);
            if (attempt.isWaiting()) {
                attempt.observer().onTick(nowNanos);
                Optional<UpstreamFailure> failure = timeoutFailure(attempt, nowNanos);
                failure.ifPresent(attempt::abandon);
                backendsTurn |= failure.isPresent() || attempt.awaitsResponse();
            }
        }
        return backendsTurn;
    }

    private Optional<UpstreamFailure> timeoutFailure(Attempt attempt, long nowNanos) {
        if (isExpired(nowNanos)) {
            return Optional.of(noResponseWithin(firstByteNanos));
        }
        if (attempt.isConnecting() && attempt.ageNanos(nowNanos) > connectNanos) {
            return Optional.of(
                    new UpstreamFailure(Kind.CONNECT_TIMEOUT, "no connection within " + millis(connectNanos)));
        }
        return Optional.empty();
    }

    /** Whether an attempt has taken so long that another one will most likely be sooner, begun now. */
    static boolean isHopeless(Attempt attempt, Prediction prediction, long nowNanos) {
        long waited = attempt.observer().waitedNanos(nowNanos);
        return waited > MIN_WAIT_NANOS && waited > longestUsefulNanos(prediction);
    }

    /** Only live requests tell how late the latest are. */
    private static long longestUsefulNanos(Prediction prediction) {
        return prediction.basis() == Basis.LIVE
                ? (long) (SLOWEST_FACTOR * (double) prediction.quantileNanos(Prediction.P999))
                : Long.MAX_VALUE;
    }

    /** Whether an attempt is among the slowest in twenty, as far as is known (Dean and Barroso, The Tail at Scale). */
    static boolean isSlow(Attempt attempt, Prediction prediction, long nowNanos) {
        return prediction.known()
                && attempt.observer().waitedNanos(nowNanos) > prediction.quantileNanos(Prediction.P95);
    }

    /** Whether a silent backend has had enough time to be blamed: earlier attempts may have had most of it. */
    boolean hadEnoughTime(Attempt attempt, Prediction prediction) {
        long waited = attempt.observer().waitedNanos(System.nanoTime());
        return waited > Math.min(firstByteNanos / 2, longestUsefulNanos(prediction));
    }

    static UpstreamFailure noResponseWithin(long nanos) {
        return new UpstreamFailure(Kind.FIRST_BYTE_TIMEOUT, "no answer within " + millis(nanos));
    }

    private static String millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos) + "ms";
    }
}
