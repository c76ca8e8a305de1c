package io.crowfly.balancer.exchange;

import io.crowfly.balancer.exchange.Tried.Role;
import io.crowfly.conf.Hedge;
import io.crowfly.conf.Routing;
import io.crowfly.probes.Prediction;
import org.jspecify.annotations.Nullable;

/*
 * The table in Ending says when a request may go on; here is asked whether it can: whether its body is still all there, and
 * a backend, an attempt, time and budget are left. Two occasions: an attempt came to nothing, or it is slow.
 *
 * What is done once more at the same backend, over a new connection or with a fresh credential, is no second attempt.
 */

/** Makes the further attempts of one exchange. Is itself made when a request has not been answered well at once. */
final class SecondAttempts {

    /** How many backends are asked for something that nobody has seen; each look is cheap. */
    private static final int MOST_LOOKS = 8;

    private final Attempts attempts;
    private final Request request;
    private final Choice choice;
    private final Patience patience;
    private final RetryBudget budget;
    private final int loop;
    private final Routing routing;

    private boolean hedged;
    private boolean denied;

    SecondAttempts(
            Attempts attempts,
            Request request,
            Choice choice,
            Patience patience,
            Exchanges exchanges,
            Routing routing) {
        this.attempts = attempts;
        this.request = request;
        this.choice = choice;
        this.patience = patience;
        budget = exchanges.retryBudget;
        loop = exchanges.loop;
        this.routing = routing;
    }

    /**
     * Makes one after another that came to nothing.
     *
     * @param end how that one ended, in a few words
     * @return whether there is one
     */
    boolean next(Attempt from, String end) {
        long now = System.nanoTime();
        if (!mayBeOneMore(now)) {
            return false;
        }
        if (from.ending().isTrouble() && !budget.retry(loop, routing.retry().budget(), now)) {
            denied = true;
            return false;
        }
        attempts.makeNow(choice.next(), Role.RETRY, "next best after " + from.name() + ": " + end, false);
        return true;
    }

    /** Whether one was not made for want of budget. */
    boolean denied() {
        return denied;
    }

    /** Makes one in place of the only attempt that is waited for if that is hopeless, or beside it if it is slow. */
    void onTick(long nowNanos) {
        Attempt only = onlyOneWaiting();
        if (only != null && only.awaitsAnswer() && request.retryClass().repeatable() && mayBeOneMore(nowNanos)) {
            giveUpOrHedge(only, nowNanos);
        }
    }

    private @Nullable Attempt onlyOneWaiting() {
        Attempt only = null;
        for (Attempt attempt : attempts.made()) {
            if (attempt.isWaiting()) {
                if (only != null) {
                    return null;
                }
                only = attempt;
            }
        }
        return only;
    }

    private void giveUpOrHedge(Attempt slow, long nowNanos) {
        Prediction prediction = choice.prediction(slow.place());
        if (Patience.isExhausted(slow, prediction, nowNanos)
                && budget.allowsRetry(routing.retry().budget(), nowNanos)) {
            // Its failure makes the next one.
            slow.giveUp(Patience.noAnswerWithin(slow.watch().waitedNanos(nowNanos)));
        } else if (!hedged && routing.hedge().isPresent() && Patience.isSlow(slow, prediction, nowNanos)) {
            hedge(slow, routing.hedge().get(), nowNanos);
        }
    }

    private void hedge(Attempt slow, Hedge conf, long nowNanos) {
        if (budget.hedge(loop, conf.budget(), nowNanos)) {
            hedged = true;
            attempts.makeNow(choice.next(), Role.HEDGE, "beside " + slow.name() + ", which is slow", false);
        }
    }

    private boolean mayBeOneMore(long nowNanos) {
        return request.held.isWhole()
                && attempts.made().size() < most()
                && !patience.isOver(nowNanos)
                && choice.hasNext();
    }

    /** To say that there is no such thing, all must have been asked who may keep it. */
    private int most() {
        boolean looking = attempts.made().stream().allMatch(attempt -> attempt.ending() == Ending.ELSEWHERE);
        return looking ? MOST_LOOKS : routing.retry().attempts();
    }
}
