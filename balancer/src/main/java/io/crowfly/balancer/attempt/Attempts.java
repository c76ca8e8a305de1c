package io.crowfly.balancer.attempt;

import io.crowfly.balancer.attempt.AttemptOutcome.NextStep;
import io.crowfly.balancer.attempt.AttemptRecord.Role;
import io.crowfly.balancer.message.Downstream;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.balancer.routing.Overflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/*
 * Until one attempt has a response for the client (the winner), an exchange may have several attempts at once. Beside
 * one that waits, there may be a hedge, and an error response that is held in case no attempt has a better one. An
 * attempt with a token stream wins by its first token; until then its head and events are held. Any other attempt wins
 * by the head of its response. FailureHandler decides the next step after a failure.
 */

/**
 * All attempts of one exchange: starts them, and sends the response of one attempt (the winner) to the exchange.
 * Cancels the other attempts.
 */
public final class Attempts {

    private final ResponseReceiver receiver;
    private final AttemptContext context;
    private final Snapshot snapshot;
    private final Request request;
    private final Downstream downstream;
    private final BackendSelection selection;
    private final RequestRelay relay;

    private final List<Attempt> all = new ArrayList<>(1);
    private @Nullable Attempt winner;
    private @Nullable FailureHandler failures;
    private boolean cancelled;

    /** Whether reading the winner's response is paused because the client reads slowly. */
    private boolean readingPaused;

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
    }

    /**
     * Starts the first attempt. The caller must flush afterwards, when it has read everything that is available from
     * the client.
     *
     * @return whether a backend is available
     */
    public boolean start() {
        long now = System.nanoTime();
        context.retryBudget().onRequest(context.loop(), now);
        int place = selection.first(request.retryClass().repeatable());
        if (place == Chooser.NONE) {
            return false;
        }
        Role role = selection.explores() ? Role.EXPLORATION : Role.FIRST;
        startAttempt(place, role, selection.reasonFor(place), selection.overflow(place), false, now);
        return true;
    }

    private void startAttempt(
            int place, Role role, String why, Optional<Overflow> overflow, boolean fresh, long nowNanos) {
        Upstream upstream = selection.upstream(place);
        AttemptObserver observer = new AttemptObserver(
                request,
                upstream.backend(),
                selection.prediction(place),
                context.observations(),
                snapshot.owners(),
                snapshot.hasSingleBackend());
        Attempt attempt = new Attempt(this, upstream, place, role, why, overflow, observer, nowNanos);
        all.add(attempt);
        relay.setTarget(attempt);
        attempt.start(context.loop(), fresh);
    }

    /**
     * Starts an attempt and flushes. For attempts that do not start during a read from the client, at whose end a flush
     * would follow.
     */
    void startAttemptAndFlush(int place, Role role, String why, boolean fresh) {
        startAttempt(place, role, why, Optional.empty(), fresh, System.nanoTime());
        relay.flush();
    }

    /**
     * Returns the attempts in the order of their start. An attempt on a stale connection that was repeated is not in
     * the list.
     */
    List<Attempt> all() {
        return all;
    }

    FailureHandler failures() {
        if (failures == null) {
            failures = new FailureHandler(this, context, snapshot, request, timeouts());
        }
        return failures;
    }

    private AttemptTimeouts timeouts() {
        return new AttemptTimeouts(request, snapshot.conf().timeouts());
    }

    ResponseReceiver receiver() {
        return receiver;
    }

    /** Returns the relay that receives the request's body from the client's side. */
    public RequestRelay relay() {
        return relay;
    }

    /** Stops or resumes reading from the backend, depending on whether the client's connection accepts more data. */
    public void onWritabilityChanged() {
        readingPaused = !downstream.isWritable();
        if (winner != null) {
            winner.setReading(!readingPaused);
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
        if (winner == null) {
            return failures().onTick(nowNanos);
        }
        winner.observer().onTick(nowNanos);
        if (!winner.awaitsDelivery()) {
            if (readingPaused) {
                // No event reports the end of a memory shortage.
                onWritabilityChanged();
            }
            return false;
        }
        if (timeouts().isExpired(nowNanos)) {
            winner.abandon(AttemptTimeouts.errorStalled());
        }
        return request.ended();
    }

    /**
     * Returns whether the first token, or the first byte of another response, may still be received, so that short
     * ticks are needed.
     */
    public boolean awaitsFirstToken() {
        return winner == null || winner.observer().awaitsFirstToken();
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
        } else {
            failures().onErrorHead(attempt, head, outcome);
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

    void onFailure(Attempt attempt, UpstreamFailure failure) {
        attempt.setOutcomeText(failure.kind().description());
        if (attempt != winner) {
            failures().onFailure(attempt, failure);
            return;
        }
        if (!receiver.switchedProtocols()) {
            FailureHandler.record(attempt, AttemptOutcome.BROKEN, failure.reason());
        }
        receiver.onResponseBroken(failure.reason());
    }

    // Methods that execute the next step.

    /**
     * Repeats an attempt at the same backend over a new connection. The attempt on a stale connection is not counted.
     */
    void repeat(Attempt stale) {
        all.remove(stale);
        startAttemptAndFlush(stale.place(), stale.role(), stale.why(), true);
    }

    /**
     * Sends the held response of an attempt to the client.
     *
     * @param exhausted whether a retry by the client would not help
     */
    void sendHeld(Attempt attempt, boolean exhausted) {
        setWinner(attempt);
        attempt.deliverHeld(exhausted);
    }

    /** Ends the client's stream with an attempt's error, because the client has received the head of a stream. */
    void deliverAsEvents(Attempt attempt) {
        byte[] events = attempt.heldResponse().asEvents(request.requestClass().api());
        receiver.failStream(events, attempt.record(false).outcome());
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

    /** Returns whether no further attempt may start: a response is being sent, or the exchange has ended. */
    boolean isOver() {
        return cancelled || winner != null;
    }

    // Methods for the exchange.

    /** Cancels all attempts, for example because the client has closed its connection. */
    public void cancel() {
        cancelled = true;
        all.forEach(Attempt::cancel);
    }

    /** Records a failure of the backend whose response has stopped for longer than the idle timeout. */
    public void onIdleTimeout() {
        if (winner != null && !winner.awaitsClient()) {
            FailureHandler.record(winner, AttemptOutcome.BROKEN, "idle timeout during a response");
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
        boolean served = winner != null && winner.outcome() == AttemptOutcome.RESPONSE;
        if (all.size() == 1) {
            Attempt only = all.get(0);
            return List.of(only.record(served && only != winner));
        }
        List<AttemptRecord> records = new ArrayList<>(all.size());
        for (Attempt attempt : all) {
            records.add(attempt.record(served && attempt != winner));
        }
        return records;
    }

    /** Returns whether a retry was not made because the retry budget was used up. */
    public boolean retryDenied() {
        return failures != null && failures.retryDenied();
    }
}
