package io.crowfly.balancer.attempt;

import io.crowfly.balancer.attempt.UpstreamFailure.Kind;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.routing.WaitLimit;
import io.crowfly.conf.Timeouts;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.Prediction;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/*
 * There are two clocks. The exchange's clock starts when the request is complete and covers all attempts; its timeout
 * ends in a 504. Each attempt's own clock starts when its request was sent; its timeout ends in another attempt. That
 * happens only if the backend's live latencies show that the response will probably not come.
 */

/**
 * Timeouts of the attempts of one exchange: for connecting, for the response, and for retries and hedges. Abandons
 * attempts that have timed out.
 */
final class AttemptTimeouts {

    private final Request request;
    private final long connectNanos;
    private final long firstByteNanos;

    AttemptTimeouts(Request request, Timeouts timeouts) {
        this.request = request;
        connectNanos = timeouts.connect().toNanos();
        firstByteNanos = timeouts.firstByte().toNanos();
    }

    /** Returns whether {@code timeouts.first-byte} has passed since the request was complete. */
    boolean isExpired(long nowNanos) {
        return request.ended() && nowNanos - request.endedNanos() > firstByteNanos;
    }

    /**
     * Abandons the attempts that have timed out, even if no other attempt is possible.
     *
     * @return whether a response is or was awaited until this tick, so that the idle timeout does not apply
     */
    boolean onTick(List<Attempt> attempts, long nowNanos) {
        boolean awaited = false;
        // An index is used, because abandoning an attempt may append another one to the list.
        for (int i = 0; i < attempts.size(); i++) {
            Attempt attempt = attempts.get(i);
            if (attempt.isWaiting()) {
                if (!attempt.awaitsErrorBody()) {
                    attempt.observer().onTick(nowNanos);
                }
                Optional<UpstreamFailure> failure = timeoutFailure(attempt, nowNanos);
                failure.ifPresent(attempt::abandon);
                awaited |= failure.isPresent() || attempt.awaitsResponse();
            }
        }
        return awaited;
    }

    private Optional<UpstreamFailure> timeoutFailure(Attempt attempt, long nowNanos) {
        if (isExpired(nowNanos)) {
            return Optional.of(attempt.awaitsErrorBody() ? errorStalled() : noResponseWithin(firstByteNanos));
        }
        if (attempt.isConnecting() && attempt.ageNanos(nowNanos) > connectNanos) {
            return Optional.of(
                    new UpstreamFailure(Kind.CONNECT_TIMEOUT, "no connection within " + millis(connectNanos)));
        }
        return Optional.empty();
    }

    /**
     * Returns whether an attempt has waited so long that a new attempt will most likely be faster. Call only if there
     * is another backend for a new attempt.
     *
     * @param selection for the forecasts of the attempt's backend and of the next one
     */
    static boolean isHopeless(Attempt attempt, BackendSelection selection, long nowNanos) {
        AttemptObserver observer = attempt.observer();
        long waited = observer.waitedNanos(nowNanos);
        if (waited <= WaitLimit.MIN_NANOS) {
            return false;
        }
        Forecast forecast = selection.candidate(attempt.place()).forecast();
        Prediction ordinary = forecast.ordinaryAtKnownLoad(observer.inFlight());
        return waited > WaitLimit.nanos(observer.prediction(), ordinary, selection.nextPrediction());
    }

    /**
     * Returns whether an error whose next step depends on its body is not continued. An error is a few hundred bytes,
     * which follow the head at once.
     */
    boolean isStalled(Attempt attempt, long nowNanos) {
        return attempt.awaitsErrorBody()
                && attempt.errorSilenceNanos(nowNanos) > Math.min(WaitLimit.MIN_NANOS, firstByteNanos / 2);
    }

    /**
     * Returns whether a timeout counts as a failure of the backend. It does not if earlier attempts used most of the
     * time of the exchange.
     */
    boolean hadEnoughTime(Attempt attempt) {
        long now = System.nanoTime();
        return !isExpired(now)
                || attempt.observer().waitedNanos(now)
                        > Math.min(
                                firstByteNanos / 2,
                                WaitLimit.nanos(attempt.observer().prediction()));
    }

    static UpstreamFailure noResponseWithin(long nanos) {
        return new UpstreamFailure(Kind.FIRST_BYTE_TIMEOUT, "no response within " + millis(nanos));
    }

    static UpstreamFailure errorStalled() {
        return new UpstreamFailure(Kind.ERROR_STALLED, "error response stalled");
    }

    private static String millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos) + "ms";
    }
}
