package io.crowfly.balancer.attempt;

import io.crowfly.balancer.attempt.AttemptOutcome.NextStep;
import io.crowfly.balancer.attempt.AttemptRecord.Role;
import io.crowfly.balancer.message.Downstream;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.routing.Chooser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/*
 * Until one attempt has a response for the client (the winner), an exchange may have several attempts: one that waits,
 * and in parallel a hedge, or an attempt whose error response is held in case no attempt has a better one. An attempt
 * with a token stream wins by its first token; until then its head and events are held. Any other attempt wins by the
 * head of its response.
 * AttemptOutcome contains the table of next steps, which this class executes. RetryAndHedge decides whether another
 * attempt is possible, and BestError which error the client gets at the end. CredentialRefresh is the first step after
 * a 401.
 */

/**
 * All attempts of one exchange: starts the first, retries and hedges, and sends the response of one attempt (the
 * winner) to the exchange. Cancels the other attempts.
 */
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
     * Starts the first attempt. The caller must flush afterwards, when it has read everything that is available from
     * the client.
     *
     * @return whether a backend is available
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

    /**
     * Starts an attempt and flushes. For attempts that do not start during a read from the client, at whose end a flush
     * would follow.
     */
    void startAttemptAndFlush(int place, Role role, String why, boolean fresh) {
        startAttempt(place, role, why, fresh);
        relay.flush();
    }

    /**
     * Returns the attempts in the order of their start. An attempt on a stale connection that was repeated is not in
     * the list.
     */
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

    /** Returns the relay that receives the request's body from the client's side. */
    public RequestRelay relay() {
        return relay;
    }

    public void setReading(boolean reading) {
        if (winner != null) {
            winner.setReading(reading);
        }
    }

    // Methods about timeouts.

    /**
     * Checks the timeouts of the attempts.
     *
     * @return whether a backend's response is awaited, so that the attempts' own timeouts apply instead of the idle
     *     timeout
     */
    public boolean onTick(long nowNanos) {
        if (winner != null) {
            winner.observer().onTick(nowNanos);
            if (!winner.awaitsDelivery()) {
                return false;
            }
            if (timeouts.isExpired(nowNanos)) {
                winner.abandon(AttemptTimeouts.errorStalled());
            }
            return request.ended();
        }
        if (refresh.isPending() && timeouts.isExpired(nowNanos)) {
            refresh.giveUp();
        }
        boolean backendsTurn = refresh.isPending();
        backendsTurn |= timeouts.onTick(all, nowNanos);
        retryAndHedge().onTick(nowNanos);
        return backendsTurn;
    }

    /**
     * Returns whether the first token, or the first byte of another response, may still be received, so that short
     * ticks are needed.
     */
    public boolean awaitsFirstToken() {
        return winner == null || winner.observer().awaitsFirstToken();
    }

    private boolean isAnyWaiting() {
        return refresh.isPending() || all.stream().anyMatch(Attempt::isWaiting);
    }

    // Events from the attempts.

    void onInterim(ResponseHead interim) {
        if (!receiver.hasStreamHead()) {
            downstream.sendInterim(interim);
        }
    }

    void onHead(Attempt attempt, ResponseHead head) {
        AttemptOutcome outcome = AttemptOutcome.of(
                head.status(),
                attempt.credential().isFromConf(),
                request.namesModel(),
                selection.mayHaveAnotherOwner());
        long retryAfterNanos = 0;
        if (outcome == AttemptOutcome.THROTTLED) {
            retryAfterNanos = attempt.observer().onThrottled(head.headers());
        } else if (outcome == AttemptOutcome.RESPONSE) {
            attempt.observer().onResponseHead(head);
            if (request.requestClass().streamed() && UncommittedStream.isHeld(head, receiver.hasStreamHead())) {
                attempt.holdStream(new UncommittedStream(this, request, attempt, held(head, 0)));
                return;
            }
        } else if (!refresh.mayHelp(attempt, head)) {
            recordFailure(attempt, outcome, "status " + head.status());
        }
        boolean needsTranslation =
                HeldResponse.mayNeedTranslation(request, attempt.upstream(), head) || receiver.hasStreamHead();
        boolean isForClient = outcome.nextStep(request.retryClass()) == NextStep.DELIVER;
        if (!isForClient || needsTranslation) {
            attempt.holdResponse(
                    held(head, retryAfterNanos), outcome, isForClient || outcome.needsBody(), needsTranslation);
        } else {
            setWinner(attempt);
            attempt.startRelaying();
            receiver.onResponseHead(attempt, head, false);
        }
    }

    private HeldResponse held(ResponseHead head, long retryAfterNanos) {
        HeldResponse held = new HeldResponse(
                head, context.heldMemory(), snapshot.conf().limits().heldTotal());
        held.setRetryAfterNanos(retryAfterNanos);
        return held;
    }

    /** Called when a token stream that is held has failed by an error event, or has ended before its first token. */
    void onStreamFailure(Attempt attempt, String text) {
        attempt.setOutcomeText(text);
        recordFailure(attempt, attempt.outcome(), text);
        if (attempt.outcome().nextStep(request.retryClass()) == NextStep.DELIVER) {
            sendHeld(attempt, false);
        } else {
            considerError(attempt, text);
        }
    }

    /** Called when enough of a held response was received to decide the next step, or when no more can be held. */
    void onHeldResponse(Attempt attempt) {
        HeldResponse heldResponse = attempt.heldResponse();
        if (attempt.outcome().nextStep(request.retryClass()) == NextStep.DELIVER) {
            sendHeld(attempt, false);
            return;
        }
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
            recordFailure(attempt, clarified, "model not found");
        }
        considerError(attempt, "status " + heldResponse.status());
    }

    private void considerError(Attempt attempt, String text) {
        attempt.upstream().onAttemptFailure();
        bestError().add(attempt);
        proceed(attempt, NextStep.NEXT_BACKEND, text);
    }

    private void onCredentialRefreshed(Attempt refused, boolean refreshed) {
        if (cancelled || winner != null) {
            return;
        }
        if (refreshed && request.held.isWhole()) {
            refused.cancel();
            startAttemptAndFlush(
                    refused.place(), Role.RETRY, "retry at " + refused.backendName() + " with a new credential", false);
            return;
        }
        recordFailure(refused, AttemptOutcome.UNAUTHORIZED, "status 401");
        if (refused.heldResponse() != null) {
            considerError(refused, "status 401");
        } else {
            proceed(refused, NextStep.NEXT_BACKEND, "status 401");
        }
    }

    void onFailure(Attempt attempt, UpstreamFailure failure) {
        attempt.setOutcomeText(failure.kind().description());
        if (attempt == winner) {
            if (!receiver.switchedProtocols()) {
                recordFailure(attempt, AttemptOutcome.BROKEN, failure.reason());
            }
            receiver.onResponseBroken(failure.reason());
        } else if (attempt.heldResponse() == null) {
            onNoResponse(attempt, failure);
        } else if (attempt.awaitsErrorBody()) {
            onIncompleteError(attempt, failure);
        } else if (!attempt.heldResponse().hasErrorEvent()) {
            // The held error response was interrupted. If its head had already decided the next step (`remove` returns
            // true), a retry is running: nothing more to do.
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
        attempt.releaseHeld();
        AttemptOutcome outcome =
                attempt.outcomeOf(failure.kind(), request.requestClass().streamed());
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
            recordFailure(attempt, outcome, failure.reason());
        }
        proceed(attempt, nextStep, failure.kind().description());
    }

    /**
     * An error whose next step depends on its body has stalled or was interrupted. If no retry is possible, the client
     * gets the incomplete error, unless its body would show whether another backend has the requested object.
     */
    private void onIncompleteError(Attempt attempt, UpstreamFailure failure) {
        AttemptOutcome error = attempt.outcome();
        AttemptOutcome outcome = AttemptOutcome.INCOMPLETE_ERROR;
        attempt.setOutcome(outcome);
        attempt.upstream().onAttemptFailure();
        if (error.failure().isEmpty()) {
            recordFailure(attempt, outcome, failure.reason());
        }
        if (error == AttemptOutcome.UNCLEAR) {
            attempt.releaseHeld();
            bestError().add(failure);
        } else {
            bestError().add(attempt);
        }
        proceed(attempt, outcome.nextStep(request.retryClass()), failure.kind().description());
    }

    private static void recordFailure(Attempt attempt, AttemptOutcome outcome, String reason) {
        outcome.failure().ifPresent(kind -> attempt.observer().onFailure(kind, reason));
    }

    // Methods that decide the next step.

    private void proceed(Attempt ended, NextStep nextStep, String failureText) {
        if (isAnyWaiting()) {
            return;
        }
        if (nextStep != NextStep.NEXT_BACKEND || !retryAndHedge().retryAtNextBackend(ended, failureText)) {
            // If Crowfly itself could not retry, for lack of another backend or of the held body, the client may:
            // `exhausted` is false.
            boolean hadRetry = all.size() > 1 || retryDenied();
            sendBestError(nextStep == NextStep.NEXT_BACKEND && hadRetry && request.held.isWhole());
        }
    }

    /**
     * Sends the client the best error of all attempts.
     *
     * @param exhausted whether another attempt was needed but not possible, so that a retry by the client would not
     *     help
     */
    private void sendBestError(boolean exhausted) {
        BestError.ClientError error = bestError().errorForClient(mayHaveAnotherOwner(), exhausted);
        if (error instanceof BestError.ClientError.FromBackend fromBackend) {
            sendHeld(fromBackend.attempt(), exhausted || all.size() > 1);
        } else if (error instanceof BestError.ClientError.Own own) {
            receiver.fail(own.error(), own.reason());
        }
    }

    /**
     * Returns whether a backend that has not responded with "not found" may keep the object that the request refers to.
     */
    private boolean mayHaveAnotherOwner() {
        return all.stream().anyMatch(attempt -> attempt.outcome() != AttemptOutcome.NOT_FOUND_HERE)
                || selection.hasNext();
    }

    /**
     * Sends the held response of an attempt to the client.
     *
     * @param exhausted whether a retry by the client would not help
     */
    private void sendHeld(Attempt attempt, boolean exhausted) {
        setWinner(attempt);
        attempt.deliverHeld(exhausted);
    }

    /** Ends the client's stream with an attempt's error, because the client has received the head of a stream. */
    void deliverAsEvents(Attempt attempt) {
        byte[] events = attempt.heldResponse().asEvents(request.requestClass().api());
        receiver.failStream(events, attempt.record().outcome());
    }

    /** Makes an attempt the one whose response is sent to the client, and cancels the others. */
    void setWinner(Attempt attempt) {
        winner = attempt;
        for (Attempt other : all) {
            if (other != attempt) {
                other.cancel();
            }
        }
        relay.onWinner();
    }

    // Methods for the exchange.

    /** Cancels all attempts, for example because the client has closed its connection. */
    public void cancel() {
        cancelled = true;
        all.forEach(Attempt::cancel);
    }

    /** Records a failure of the backend whose response has stopped for longer than the idle timeout. */
    public void onIdleTimeout() {
        if (winner != null) {
            recordFailure(winner, AttemptOutcome.BROKEN, "idle timeout during a response");
        }
    }

    public BackendSelection selection() {
        return selection;
    }

    /** Returns the winner. If there is none yet: the last attempt; empty if no attempt was made. */
    public Optional<Attempt> winnerOrLast() {
        return winner == null ? relay.target() : Optional.of(winner);
    }

    /**
     * Returns whether Crowfly may insert a comment now: the response is an event stream, and the client has received
     * only complete events.
     */
    public boolean mayInsertEvent() {
        return winner != null && winner.observer().mayInsertEvent();
    }

    public List<AttemptRecord> records() {
        List<AttemptRecord> records = new ArrayList<>(all.size());
        boolean served = winner != null && winner.outcome() == AttemptOutcome.RESPONSE;
        for (Attempt attempt : all) {
            records.add(attempt.record(served && attempt != winner));
        }
        return records;
    }

    /** Returns whether a retry was not made because the retry budget was used up. */
    public boolean retryDenied() {
        return retryAndHedge != null && retryAndHedge.retryDenied();
    }
}
