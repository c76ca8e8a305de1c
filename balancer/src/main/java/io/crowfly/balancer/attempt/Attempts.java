package io.crowfly.balancer.attempt;

import io.crowfly.balancer.attempt.AttemptOutcome.NextStep;
import io.crowfly.balancer.attempt.AttemptRecord.Role;
import io.crowfly.balancer.message.Downstream;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.probes.forecast.ProbeTimes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/*
 * Until one attempt has an answer for the client (the winner), an exchange may have several: one that waits, and beside it
 * a hedge that waits too, or an error that is held in case nothing better comes. What becomes of each is the table in
 * Ending, and is done here. Whether another one can be made is for RetryAndHedge to say, which error the client gets in the
 * end for BestError, and what comes first after a 401 is in CredentialRefresh.
 */

/** The attempts of one exchange, up to the one that answers. */
public final class Attempts {

    private final ResponseReceiver receiver;
    private final AttemptContext context;
    private final Snapshot snapshot;
    private final Request request;
    private final Downstream downstream;
    private final BackendSelection selection;
    private final RequestRelay relay;
    private final AttemptTimeouts timeouts;
    private final CredentialRefresh refresh;

    private final List<Attempt> all = new ArrayList<>(2);
    private @Nullable Attempt winner;

    private @Nullable RetryAndHedge retryAndHedge;
    private @Nullable BestError bestError;
    private boolean cancelled;

    public Attempts(
            ResponseReceiver receiver,
            AttemptContext context,
            Snapshot snapshot,
            Request request,
            Downstream downstream,
            BackendSelection selection) {
        this.receiver = receiver;
        this.context = context;
        this.snapshot = snapshot;
        this.request = request;
        this.downstream = downstream;
        this.selection = selection;
        relay = new RequestRelay(request, downstream, snapshot.conf().limits());
        timeouts = new AttemptTimeouts(request, snapshot.conf().timeouts());
        refresh = new CredentialRefresh(request, context.executor(), this::onCredentialRefreshed);
    }

    /**
     * Makes the first one. What it sends is flushed by whoever calls this, at the end of its read.
     *
     * @return whether there is any backend to go to
     */
    public boolean start() {
        context.retryBudget().onRequest(context.loop(), System.nanoTime());
        int place = selection.first(request.retryClass().repeatable());
        if (place == Chooser.NONE) {
            return false;
        }
        startAttempt(place, selection.explores() ? Role.EXPLORATION : Role.FIRST, selection.reasonFor(place), false);
        return true;
    }

    private void startAttempt(int place, Role role, String why, boolean fresh) {
        Upstream upstream = selection.upstream(place);
        AttemptObserver observer = new AttemptObserver(
                request,
                upstream.backend(),
                selection.prediction(place),
                context.observations(),
                snapshot.owners(),
                snapshot.hasSingleBackend());
        Attempt attempt = new Attempt(this, upstream, place, role, why, observer);
        all.add(attempt);
        relay.setTarget(attempt);
        attempt.start(context.loop(), fresh);
    }

    /** Outside of the client's read, so that nobody else flushes. */
    void startAttemptAndFlush(int place, Role role, String why, boolean fresh) {
        startAttempt(place, role, why, fresh);
        relay.flush();
    }

    /** In their order. A stale connection's, which another one has taken the place of, is not among them. */
    List<Attempt> all() {
        return all;
    }

    private RetryAndHedge retryAndHedge() {
        if (retryAndHedge == null) {
            retryAndHedge = new RetryAndHedge(
                    this, request, selection, timeouts, context, snapshot.conf().routing());
        }
        return retryAndHedge;
    }

    private BestError bestError() {
        if (bestError == null) {
            bestError = new BestError();
        }
        return bestError;
    }

    ResponseReceiver receiver() {
        return receiver;
    }

    /** Takes what comes of the request from the client's side. */
    public RequestRelay relay() {
        return relay;
    }

    public void setReading(boolean reading) {
        if (winner != null) {
            winner.setReading(reading);
        }
    }

    // Time.

    /** @return whether it is a backend's turn, for which there are other limits than for bodies that stand still */
    public boolean onTick(long nowNanos) {
        if (winner != null) {
            winner.observer().onTick(nowNanos);
            return false;
        }
        if (refresh.isPending() && timeouts.isExpired(nowNanos)) {
            refresh.giveUp();
        }
        boolean backendsTurn = refresh.isPending();
        backendsTurn |= timeouts.onTick(all, nowNanos);
        retryAndHedge().onTick(nowNanos);
        return backendsTurn;
    }

    /** Whether what is still to come may be late by milliseconds. */
    public boolean awaitsFirstToken() {
        return winner == null || winner.observer().awaitsFirstToken();
    }

    private boolean isAnyWaiting() {
        return refresh.isPending() || all.stream().anyMatch(Attempt::isWaiting);
    }

    // From the attempts.

    void onInterim(ResponseHead interim) {
        downstream.sendInterim(interim);
    }

    void onHead(Attempt attempt, ResponseHead head) {
        AttemptOutcome outcome = AttemptOutcome.of(
                head.status(),
                attempt.credential().isFromConf(),
                request.namesModel(),
                selection.mayHaveAnotherOwner());
        long retryAfter = 0;
        if (outcome == AttemptOutcome.THROTTLED) {
            long hintNanos = attempt.observer().onThrottled(head.headers());
            retryAfter = hintNanos == ProbeTimes.ABSENT ? Long.MAX_VALUE : hintNanos;
        } else if (outcome == AttemptOutcome.RESPONSE) {
            attempt.observer().onResponseHead(head);
        } else if (!refresh.mayHelp(attempt, head)) {
            reportStrike(attempt, outcome, "status " + head.status());
        }
        boolean needsTranslation = HeldResponse.mayNeedTranslation(request, attempt.upstream(), head);
        if (outcome.nextStep(request.retryClass()) != NextStep.DELIVER) {
            attempt.holdResponse(head, outcome, retryAfter, needsTranslation);
        } else if (needsTranslation) {
            attempt.holdResponse(head, outcome, retryAfter, true);
            sendHeld(attempt, false);
        } else {
            setWinner(attempt);
            attempt.startRelaying();
            receiver.onResponseHead(attempt, head, false);
        }
    }

    /** As much has come of an error as is needed to go on, or as is held. */
    void onHeldResponse(Attempt attempt) {
        HeldResponse heldResponse = attempt.heldResponse();
        if (refresh.mayHelp(attempt, heldResponse.head)) {
            refresh.begin(attempt);
            return;
        }
        if (attempt.outcome() == AttemptOutcome.UNCLEAR) {
            AttemptOutcome clarified =
                    heldResponse.clarifiedOutcome(request.namesModel(), selection.mayHaveAnotherOwner());
            if (clarified == AttemptOutcome.RESPONSE) {
                sendHeld(attempt, false);
                return;
            }
            attempt.setOutcome(clarified);
            if (clarified == AttemptOutcome.NOT_FOUND_HERE) {
                selection.onNotFoundAtOwner();
            }
            reportStrike(attempt, clarified, "no such model");
        }
        considerError(attempt, heldResponse);
    }

    private void considerError(Attempt attempt, HeldResponse heldResponse) {
        attempt.upstream().onAttemptFailure();
        bestError().add(attempt);
        proceed(attempt, NextStep.NEXT_BACKEND, "status " + heldResponse.head.status());
    }

    private void onCredentialRefreshed(Attempt refused, boolean refreshed) {
        if (cancelled || winner != null) {
            return;
        }
        if (refreshed && request.held.isWhole()) {
            refused.cancel();
            startAttemptAndFlush(
                    refused.place(),
                    Role.RETRY,
                    "once more at " + refused.backendName() + ", with a fresh credential",
                    false);
            return;
        }
        reportStrike(refused, AttemptOutcome.UNAUTHORIZED, "status 401");
        HeldResponse heldResponse = refused.heldResponse();
        if (heldResponse != null) {
            considerError(refused, heldResponse);
        } else {
            proceed(refused, NextStep.NEXT_BACKEND, "status 401");
        }
    }

    void onFailure(Attempt attempt, UpstreamFailure failure) {
        attempt.setOutcomeText(failure.kind().description());
        if (attempt == winner) {
            if (!receiver.switchedProtocols()) {
                reportStrike(attempt, AttemptOutcome.BROKEN, failure.reason());
            }
            receiver.onResponseBroken(failure.reason());
        } else if (attempt.heldResponse() == null) {
            onNoResponse(attempt, failure);
        } else {
            // The error itself broke off. It has been struck for, and if it had been judged another one is under way.
            attempt.releaseHeld();
            if (!bestError().remove(attempt)) {
                bestError().add(failure);
                attempt.upstream().onAttemptFailure();
                NextStep nextStep = attempt.outcome().nextStep(request.retryClass());
                proceed(attempt, nextStep, failure.kind().description());
            }
        }
    }

    private void onNoResponse(Attempt attempt, UpstreamFailure failure) {
        AttemptOutcome outcome = attempt.outcomeOf(failure.kind());
        NextStep nextStep = outcome.nextStep(request.retryClass());
        if (nextStep == NextStep.SAME_BACKEND && request.held.isWhole()) {
            all.remove(attempt);
            startAttemptAndFlush(attempt.place(), attempt.role(), attempt.why(), true);
            return;
        }
        bestError().add(failure);
        attempt.setOutcome(outcome);
        attempt.upstream().onAttemptFailure();
        if (outcome != AttemptOutcome.TIMED_OUT
                || timeouts.hadEnoughTime(attempt, selection.prediction(attempt.place()))) {
            reportStrike(attempt, outcome, failure.reason());
        }
        proceed(attempt, nextStep, failure.kind().description());
    }

    private static void reportStrike(Attempt attempt, AttemptOutcome outcome, String reason) {
        outcome.strike().ifPresent(strike -> attempt.observer().onStrike(strike, reason));
    }

    // Onward.

    private void proceed(Attempt from, NextStep nextStep, String failureText) {
        if (isAnyWaiting()) {
            return;
        }
        if (nextStep != NextStep.NEXT_BACKEND || !retryAndHedge().retryAtNextBackend(from, failureText)) {
            // Where we did not try again ourselves the client may: for want of another backend, or of the body.
            boolean hadRetry = all.size() > 1 || retryDenied();
            sendBestError(nextStep == NextStep.NEXT_BACKEND && hadRetry && request.held.isWhole());
        }
    }

    /** @param exhausted whether another attempt would have been made if there were one to make */
    private void sendBestError(boolean exhausted) {
        BestError.ClientError error = bestError().errorForClient(mayHaveAnotherOwner(), exhausted);
        if (error instanceof BestError.ClientError.FromBackend fromBackend) {
            sendHeld(fromBackend.attempt(), exhausted || all.size() > 1);
        } else if (error instanceof BestError.ClientError.Own own) {
            receiver.fail(own.error(), own.reason());
        }
    }

    /** Whether a backend that may keep what was looked for has not said that it doesn't. */
    private boolean mayHaveAnotherOwner() {
        return all.stream().anyMatch(attempt -> attempt.outcome() != AttemptOutcome.NOT_FOUND_HERE)
                || selection.hasNext();
    }

    /** @param exhausted whether asking again would not help */
    private void sendHeld(Attempt attempt, boolean exhausted) {
        setWinner(attempt);
        attempt.deliverHeld(exhausted);
    }

    private void setWinner(Attempt attempt) {
        winner = attempt;
        for (Attempt other : all) {
            if (other != attempt) {
                other.cancel();
            }
        }
        relay.onWinner();
    }

    // Afterwards.

    /** Gives up whatever is under way. */
    public void cancel() {
        cancelled = true;
        all.forEach(Attempt::cancel);
    }

    /** The winner stands still in the middle of its answer. */
    public void onIdleTimeout() {
        if (winner != null) {
            reportStrike(winner, AttemptOutcome.BROKEN, "stood still in an answer");
        }
    }

    public BackendSelection selection() {
        return selection;
    }

    /** The one that answered, or the last one that was tried; absent where there was none. */
    public Optional<Attempt> winnerOrLast() {
        return winner == null ? relay.target() : Optional.of(winner);
    }

    /** Whether the answer is a stream of events of which the client has seen whole ones only. */
    public boolean mayInsertEvent() {
        return winner != null && winner.observer().mayInsertEvent();
    }

    public List<AttemptRecord> records() {
        List<AttemptRecord> records = new ArrayList<>(all.size());
        for (Attempt attempt : all) {
            records.add(attempt.record());
        }
        return records;
    }

    /** Whether a second attempt was not made for want of budget. */
    public boolean retryDenied() {
        return retryAndHedge != null && retryAndHedge.retryDenied();
    }
}
