package io.crowfly.balancer.attempt;

import io.crowfly.balancer.attempt.AttemptRecord.Role;
import io.crowfly.balancer.message.Request;
import io.crowfly.conf.Hedge;
import io.crowfly.conf.Routing;
import io.crowfly.probes.forecast.Prediction;
import org.jspecify.annotations.Nullable;

/*
 * The table in Ending says when a request may go on; here is asked whether it can: whether its body is still all there, and
 * a backend, an attempt, time and budget are left. Two occasions: an attempt came to nothing, or it is slow.
 *
 * What is done once more at the same backend, over a new connection or with a fresh credential, is no second attempt.
 */

/** Makes the further attempts of one exchange. Is itself made when a request has not been answered well at once. */
final class RetryAndHedge {

    /** How many backends are asked for something that nobody has seen; each look is cheap. */
    private static final int MAX_OWNER_TRIES = 8;

    private final Attempts attempts;
    private final Request request;
    private final BackendSelection selection;
    private final AttemptTimeouts timeouts;
    private final RetryBudget budget;
    private final int loop;
    private final Routing routing;

    private boolean hedged;
    private boolean retryDenied;

    RetryAndHedge(
            Attempts attempts,
            Request request,
            BackendSelection selection,
            AttemptTimeouts timeouts,
            AttemptContext context,
            Routing routing) {
        this.attempts = attempts;
        this.request = request;
        this.selection = selection;
        this.timeouts = timeouts;
        budget = context.retryBudget();
        loop = context.loop();
        this.routing = routing;
    }

    /**
     * Makes one after another that came to nothing.
     *
     * @param failureText how that one ended, in a few words
     * @return whether there is one
     */
    boolean retryAtNextBackend(Attempt failed, String failureText) {
        long now = System.nanoTime();
        if (!allowsAnotherAttempt(now)) {
            return false;
        }
        if (failed.outcome().countsAgainstBudget()
                && !budget.tryRetry(loop, routing.retry().budget(), now)) {
            retryDenied = true;
            return false;
        }
        attempts.startAttemptAndFlush(
                selection.next(), Role.RETRY, "next best after " + failed.backendName() + ": " + failureText, false);
        return true;
    }

    /** Whether one was not made for want of budget. */
    boolean retryDenied() {
        return retryDenied;
    }

    /** Makes one in place of the only attempt that is waited for if that is hopeless, or beside it if it is slow. */
    void onTick(long nowNanos) {
        Attempt only = singleWaiting();
        if (only != null
                && only.awaitsResponse()
                && request.retryClass().repeatable()
                && allowsAnotherAttempt(nowNanos)) {
            abandonOrHedge(only, nowNanos);
        }
    }

    private @Nullable Attempt singleWaiting() {
        Attempt only = null;
        for (Attempt attempt : attempts.all()) {
            if (attempt.isWaiting()) {
                if (only != null) {
                    return null;
                }
                only = attempt;
            }
        }
        return only;
    }

    private void abandonOrHedge(Attempt slow, long nowNanos) {
        Prediction prediction = selection.prediction(slow.place());
        if (AttemptTimeouts.isHopeless(slow, prediction, nowNanos)
                && budget.allowsRetry(routing.retry().budget(), nowNanos)) {
            // Its failure makes the next one.
            slow.abandon(AttemptTimeouts.noResponseWithin(slow.observer().waitedNanos(nowNanos)));
        } else if (!hedged && routing.hedge().isPresent() && AttemptTimeouts.isSlow(slow, prediction, nowNanos)) {
            hedge(slow, routing.hedge().get(), nowNanos);
        }
    }

    private void hedge(Attempt slow, Hedge conf, long nowNanos) {
        if (budget.tryHedge(loop, conf.budget(), nowNanos)) {
            hedged = true;
            attempts.startAttemptAndFlush(
                    selection.next(), Role.HEDGE, "beside " + slow.backendName() + ", which is slow", false);
        }
    }

    private boolean allowsAnotherAttempt(long nowNanos) {
        return request.held.isWhole()
                && attempts.all().size() < maxAttempts()
                && !timeouts.isExpired(nowNanos)
                && selection.hasNext();
    }

    /** To say that there is no such thing, all must have been asked who may keep it. */
    private int maxAttempts() {
        boolean lookingForOwner =
                attempts.all().stream().allMatch(attempt -> attempt.outcome() == AttemptOutcome.NOT_FOUND_HERE);
        return lookingForOwner ? MAX_OWNER_TRIES : routing.retry().attempts();
    }
}
