package io.crowfly.balancer.attempt;

import io.crowfly.balancer.attempt.AttemptRecord.Role;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.balancer.routing.HedgeRule;
import io.crowfly.conf.Hedge;
import io.crowfly.conf.Routing;
import io.crowfly.probes.forecast.Prediction;
import org.jspecify.annotations.Nullable;

/*
 * The table in AttemptOutcome says when a request may be retried. This class checks whether that is possible: whether
 * the body is still held, and a backend, an attempt, time and budget are left. There are two occasions: an attempt
 * failed, or an attempt is slow.
 *
 * A repetition at the same backend, over a new connection or with a new credential, is not made here and does not use
 * the budget.
 */

/**
 * Retries and hedges of one exchange: checks whether another attempt is possible, and starts it.
 */
final class RetryAndHedge {

    /**
     * Maximum number of backends that are tried for an object whose owner is unknown. More than {@code
     * routing.retry.attempts}, because each try is cheap.
     */
    private static final int MAX_OWNER_TRIES = 8;

    private final Attempts attempts;
    private final Request request;
    private final BackendSelection selection;
    private final AttemptTimeouts timeouts;
    private final RetryBudget budget;
    private final int loop;
    private final Routing routing;

    private boolean hedged;
    private boolean ownerTriedAgain;
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
     * Starts an attempt at the next backend after a failed one.
     *
     * @param failureText how the failed attempt ended, in a few words
     * @return whether an attempt was started
     */
    boolean retryAtNextBackend(Attempt failed, String failureText) {
        long now = System.nanoTime();
        if (!allowsAnotherAttempt(now) || !selection.hasNext() || !isInBudget(failed, now)) {
            return false;
        }
        attempts.startAttemptAndFlush(
                selection.next(), Role.RETRY, "next best after " + failed.backendName() + ": " + failureText, false);
        return true;
    }

    /**
     * Starts an attempt at the same backend after a failed one, if this backend owns the response that the request
     * continues. Only once: no other backend can serve the request, and each failure counts for the owner's ejection.
     *
     * @param failureText as in {@link #retryAtNextBackend}
     * @return whether an attempt was started
     */
    boolean retryAtOwner(Attempt failed, String failureText) {
        long now = System.nanoTime();
        if (ownerTriedAgain
                || !selection.isOwner(failed.place())
                || !allowsAnotherAttempt(now)
                || !isInBudget(failed, now)) {
            return false;
        }
        ownerTriedAgain = true;
        attempts.startAttemptAndFlush(
                failed.place(), Role.RETRY, "retry at owner " + failed.backendName() + ": " + failureText, false);
        return true;
    }

    private boolean isInBudget(Attempt failed, long nowNanos) {
        boolean inBudget = !failed.outcome().countsAgainstBudget()
                || budget.tryRetry(loop, routing.retry().budget(), nowNanos);
        retryDenied |= !inBudget;
        return inBudget;
    }

    /** Returns whether a retry was not made because the retry budget was used up. */
    boolean retryDenied() {
        return retryDenied;
    }

    /**
     * If only one attempt waits: abandons it if its wait is hopeless, so that the next attempt starts, or starts a
     * hedge in parallel if it is slow.
     */
    void onTick(long nowNanos) {
        Attempt only = singleWaiting();
        if (only != null
                && only.awaitsResponse()
                && request.retryClass().repeatable()
                && allowsAnotherAttempt(nowNanos)
                && selection.hasNext()) {
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
        if (timeouts.isStalled(slow, nowNanos)
                && budget.allowsRetry(routing.retry().budget(), nowNanos)) {
            slow.abandon(AttemptTimeouts.errorStalled());
        } else if (AttemptTimeouts.isHopeless(slow, selection, nowNanos)
                && budget.allowsRetry(routing.retry().budget(), nowNanos)) {
            // abandon() reports a failure, and the failure starts the next attempt.
            slow.abandon(AttemptTimeouts.noResponseWithin(slow.observer().waitedNanos(nowNanos)));
        } else if (!hedged && routing.hedge().isPresent()) {
            hedge(slow, routing.hedge().get(), nowNanos);
        }
    }

    private void hedge(Attempt slow, Hedge conf, long nowNanos) {
        Prediction prediction = slow.observer().prediction();
        long waited = slow.observer().waitedNanos(nowNanos);
        if (waited > HedgeRule.delayNanos(prediction)) {
            int place = selection.nextHedge(waited);
            if (place != Chooser.NONE && budget.tryHedge(loop, conf.budget(), nowNanos)) {
                hedged = true;
                attempts.startAttemptAndFlush(
                        selection.markTried(place),
                        Role.HEDGE,
                        "beside " + slow.backendName() + ", which is slow",
                        false);
            }
        }
    }

    private boolean allowsAnotherAttempt(long nowNanos) {
        return request.held.isWhole() && attempts.all().size() < maxAttempts() && !timeouts.isExpired(nowNanos);
    }

    /**
     * Returns the maximum number of attempts. The maximum is higher in a search for an owner, because a 404 may be sent
     * to the client only after every owner was tried.
     */
    private int maxAttempts() {
        boolean lookingForOwner =
                attempts.all().stream().allMatch(attempt -> attempt.outcome() == AttemptOutcome.NOT_FOUND_HERE);
        return lookingForOwner ? MAX_OWNER_TRIES : routing.retry().attempts();
    }
}
