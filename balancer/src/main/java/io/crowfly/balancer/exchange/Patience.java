package io.crowfly.balancer.exchange;

import io.crowfly.balancer.exchange.UpstreamFailure.Kind;
import io.crowfly.conf.Timeouts;
import io.crowfly.probes.Prediction;
import io.crowfly.probes.Prediction.Basis;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/*
 * Two clocks: the client's, which runs from the moment when its request is whole, over all attempts; and each attempt's own,
 * which runs from the moment when the backend has the request. The first ends in a 504, the second only in another attempt,
 * and only where what is known of the backend says that waiting longer is hopeless.
 */

/** How long the attempts of one exchange are waited for. */
final class Patience {

    /** An attempt that takes less is never given up for its lateness: the network alone may hold a packet up that long. */
    private static final long SHORTEST_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How far beyond the slowest in a thousand a wait must go: the estimate of so rare a thing is rough. */
    private static final int TIMES_THE_SLOWEST = 3;

    private final Request request;
    private final long connectNanos;
    private final long firstByteNanos;

    Patience(Request request, Timeouts timeouts) {
        this.request = request;
        connectNanos = timeouts.connect().toNanos();
        firstByteNanos = timeouts.firstByte().toNanos();
    }

    /** Whether the client has waited as long as it may for the beginning of an answer. */
    boolean isOver(long nowNanos) {
        return request.ended() && nowNanos - request.endedNanos() > firstByteNanos;
    }

    /**
     * Gives up the attempts whose time is over, whether or not there are others to make.
     *
     * @return whether it was a backend's turn until now
     */
    boolean onTick(List<Attempt> made, long nowNanos) {
        boolean turn = false;
        // Giving one up may put another one behind it.
        for (int i = 0; i < made.size(); i++) {
            Attempt attempt = made.get(i);
            if (attempt.isWaiting()) {
                attempt.watch().onTick(nowNanos);
                Optional<UpstreamFailure> late = lateness(attempt, nowNanos);
                late.ifPresent(attempt::giveUp);
                turn |= late.isPresent() || attempt.awaitsAnswer();
            }
        }
        return turn;
    }

    private Optional<UpstreamFailure> lateness(Attempt attempt, long nowNanos) {
        if (isOver(nowNanos)) {
            return Optional.of(noAnswerWithin(firstByteNanos));
        }
        if (attempt.isConnecting() && attempt.ageNanos(nowNanos) > connectNanos) {
            return Optional.of(
                    new UpstreamFailure(Kind.CONNECT_TIMEOUT, "no connection within " + millis(connectNanos)));
        }
        return Optional.empty();
    }

    /** Whether an attempt has taken so long that another one will most likely be sooner, begun now. */
    static boolean isExhausted(Attempt attempt, Prediction prediction, long nowNanos) {
        long waited = attempt.watch().waitedNanos(nowNanos);
        return waited > SHORTEST_NANOS && waited > longestNanos(prediction);
    }

    /** Only live requests tell how late the latest are. */
    private static long longestNanos(Prediction prediction) {
        return prediction.basis() == Basis.LIVE
                ? (long) (TIMES_THE_SLOWEST * (double) prediction.quantileNanos(Prediction.P999))
                : Long.MAX_VALUE;
    }

    /** Whether an attempt is among the slowest in twenty, as far as is known (Dean and Barroso, The Tail at Scale). */
    static boolean isSlow(Attempt attempt, Prediction prediction, long nowNanos) {
        return prediction.known() && attempt.watch().waitedNanos(nowNanos) > prediction.quantileNanos(Prediction.P95);
    }

    /** Whether a silent backend has had enough time to be blamed: earlier attempts may have had most of it. */
    boolean hadItsTime(Attempt attempt, Prediction prediction) {
        long waited = attempt.watch().waitedNanos(System.nanoTime());
        return waited > Math.min(firstByteNanos / 2, longestNanos(prediction));
    }

    static UpstreamFailure noAnswerWithin(long nanos) {
        return new UpstreamFailure(Kind.FIRST_BYTE_TIMEOUT, "no answer within " + millis(nanos));
    }

    private static String millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos) + "ms";
    }
}
