package io.crowfly.balancer.attempt;

import io.crowfly.balancer.attempt.AttemptOutcome.NextStep;
import io.crowfly.balancer.attempt.AttemptRecord.Role;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.ResponseHead;

/*
 * AttemptOutcome contains the table of next steps, which this class executes. RetryAndHedge decides whether another
 * attempt is possible, and BestError which error the client gets at the end. CredentialRefresh is the first step after
 * a 401.
 */

/**
 * Handler of the attempts of one exchange that have failed or are slow: records each failure for the backend, and
 * starts another attempt or sends the best error to the client. Created when the first attempt has not led to a
 * response by its first tick, or has failed.
 */
final class FailureHandler {

    private final Attempts attempts;
    private final Request request;
    private final BackendSelection selection;
    private final AttemptTimeouts timeouts;
    private final CredentialRefresh refresh;
    private final RetryAndHedge retryAndHedge;
    private final BestError bestError = new BestError();

    FailureHandler(
            Attempts attempts, AttemptContext context, Snapshot snapshot, Request request, AttemptTimeouts timeouts) {
        this.attempts = attempts;
        this.request = request;
        this.timeouts = timeouts;
        selection = attempts.selection();
        refresh = new CredentialRefresh(request, context.executor(), this::onCredentialRefreshed);
        retryAndHedge = new RetryAndHedge(
                attempts, request, selection, timeouts, context, snapshot.conf().routing());
    }

    static void record(Attempt attempt, AttemptOutcome outcome, String reason) {
        outcome.failure().ifPresent(kind -> attempt.observer().onFailure(kind, reason));
    }

    /** Returns whether a retry was not made because the retry budget was used up. */
    boolean retryDenied() {
        return retryAndHedge.retryDenied();
    }

    /**
     * Checks the timeouts of the attempts while none has a response for the client.
     *
     * @return whether a backend's response, or a new credential, is or was awaited until this tick
     */
    boolean onTick(long nowNanos) {
        boolean awaited = refresh.isPending();
        if (awaited && timeouts.isExpired(nowNanos)) {
            refresh.giveUp();
        }
        awaited |= timeouts.onTick(attempts.all(), nowNanos);
        retryAndHedge.onTick(nowNanos);
        return awaited;
    }

    private boolean isAnyWaiting() {
        return refresh.isPending() || attempts.all().stream().anyMatch(Attempt::isWaiting);
    }

    // Events from the attempts.

    /**
     * Called when the head of an error was received. After a 401 a new credential may help: nothing is recorded yet.
     */
    void onErrorHead(Attempt attempt, ResponseHead head, AttemptOutcome outcome) {
        if (!refresh.mayHelp(attempt, head)) {
            record(attempt, outcome, "status " + head.status());
        }
    }

    /** Called when a token stream that is held has failed by an error event, or has ended before its first token. */
    void onStreamFailure(Attempt attempt, String text) {
        attempt.setOutcomeText(text);
        record(attempt, attempt.outcome(), text);
        if (attempt.outcome().nextStep(request.retryClass()) == NextStep.DELIVER) {
            attempts.sendHeld(attempt, false);
        } else {
            considerError(attempt, text);
        }
    }

    /** Called when enough of a held response was received to decide the next step, or when no more can be held. */
    void onHeldResponse(Attempt attempt) {
        HeldResponse heldResponse = attempt.heldResponse();
        if (attempt.outcome().nextStep(request.retryClass()) == NextStep.DELIVER) {
            attempts.sendHeld(attempt, false);
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
                attempts.sendHeld(attempt, false);
                return;
            }
            attempt.setOutcome(clarified);
            if (clarified == AttemptOutcome.NOT_FOUND_HERE) {
                selection.onNotFoundAtOwner();
            }
            record(attempt, clarified, "model not found");
        }
        considerError(attempt, "status " + heldResponse.status());
    }

    private void considerError(Attempt attempt, String text) {
        attempt.upstream().onAttemptFailure();
        bestError.add(attempt);
        proceed(attempt, attempt.outcome().nextStep(request.retryClass()), text);
    }

    private void onCredentialRefreshed(Attempt refused, boolean refreshed) {
        if (!refreshed) {
            // Also if a hedge has served the request meanwhile.
            record(refused, AttemptOutcome.UNAUTHORIZED, "status 401");
        }
        if (attempts.isOver()) {
            return;
        }
        if (refreshed && request.held.isWhole()) {
            refused.cancel();
            attempts.startAttemptAndFlush(
                    refused.place(), Role.RETRY, "retry at " + refused.backendName() + " with a new credential", false);
            return;
        }
        if (refused.heldResponse() != null) {
            considerError(refused, "status 401");
        } else {
            proceed(refused, NextStep.NEXT_BACKEND, "status 401");
        }
    }

    /** Called when an attempt has failed before its response was sent to the client. */
    void onFailure(Attempt attempt, UpstreamFailure failure) {
        if (attempt.heldResponse() == null) {
            onNoResponse(attempt, failure);
        } else if (attempt.awaitsErrorBody()) {
            onIncompleteError(attempt, failure);
        } else if (!attempt.heldResponse().hasErrorEvent()) {
            // The held error response was interrupted. If its head had already decided the next step (`remove` returns
            // true), a retry is running: nothing more to do.
            attempt.releaseHeld();
            if (!bestError.remove(attempt)) {
                bestError.add(failure);
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
            attempts.repeat(attempt);
            return;
        }
        bestError.add(failure);
        attempt.setOutcome(outcome);
        attempt.upstream().onAttemptFailure();
        if (outcome != AttemptOutcome.TIMED_OUT || timeouts.hadEnoughTime(attempt)) {
            record(attempt, outcome, failure.reason());
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
            record(attempt, outcome, failure.reason());
        }
        if (error == AttemptOutcome.UNCLEAR) {
            attempt.releaseHeld();
            bestError.add(failure);
        } else {
            bestError.add(attempt);
        }
        proceed(attempt, outcome.nextStep(request.retryClass()), failure.kind().description());
    }

    // Methods that execute the next step.

    private void proceed(Attempt ended, NextStep nextStep, String failureText) {
        if (isAnyWaiting()) {
            return;
        }
        boolean isRetry = nextStep == NextStep.NEXT_BACKEND || nextStep == NextStep.OWNER_AGAIN;
        if (!isRetry || !retry(ended, nextStep, failureText)) {
            // If Crowfly itself could not retry, for lack of another backend or of the held body, the client may:
            // `exhausted` is false.
            boolean hadRetry = attempts.all().size() > 1 || retryDenied();
            sendBestError(isRetry && hadRetry && request.held.isWhole());
        }
    }

    private boolean retry(Attempt failed, NextStep nextStep, String failureText) {
        return nextStep == NextStep.OWNER_AGAIN
                ? retryAndHedge.retryAtOwner(failed, failureText)
                : retryAndHedge.retryAtNextBackend(failed, failureText);
    }

    /**
     * Sends the client the best error of all attempts.
     *
     * @param exhausted whether another attempt was needed but not possible, so that a retry by the client would not
     *     help
     */
    private void sendBestError(boolean exhausted) {
        BestError.Scope scope = new BestError.Scope(
                attempts.all().size(),
                selection.hasTriedAll(),
                selection.candidates().rule());
        BestError.ClientError error = bestError.errorForClient(mayHaveAnotherOwner(), exhausted, scope);
        if (error instanceof BestError.ClientError.FromBackend fromBackend) {
            attempts.sendHeld(fromBackend.attempt(), exhausted || attempts.all().size() > 1);
        } else if (error instanceof BestError.ClientError.Own own) {
            attempts.receiver().fail(own.error(), own.reason());
        }
    }

    /**
     * Returns whether a backend that has not responded with "not found" may keep the object that the request refers to.
     */
    private boolean mayHaveAnotherOwner() {
        return attempts.all().stream().anyMatch(attempt -> attempt.outcome() != AttemptOutcome.NOT_FOUND_HERE)
                || selection.hasNext();
    }
}
