package io.crowfly.balancer.attempt;

import io.crowfly.balancer.attempt.UpstreamFailure.Kind;
import io.crowfly.balancer.content.response.ReportedError;
import io.crowfly.balancer.message.RetryClass;
import io.crowfly.balancer.provider.ErrorStatus;
import io.crowfly.probes.Observation.FailureKind;
import java.util.Optional;

/*
 * The complete table of retries. Rows are the outcomes of an attempt. The second column is the failure that is recorded
 * for the backend. The last two columns are the next step of the request, by its retry class. RetryAndHedge checks
 * whether another backend, time and budget are left. An error event before the first token has the outcome of the
 * status that the event stands for.
 *
 *   outcome             failure         safe, generating  continuing    creating
 *   RESPONSE            -               deliver           deliver       deliver
 *   NO_CREDENTIAL       -               next backend      next backend  next backend
 *   NO_CONNECTION       unreachable     next backend      next backend  next backend
 *   NOT_WRITTEN         -               next backend      next backend  next backend
 *   STALE_UNWRITTEN     -               same backend      same backend  same backend
 *   STALE_CONNECTION    -               same backend      same backend  fail
 *   NO_RESPONSE         error           next backend      owner again   fail
 *   TIMED_OUT           timed out       next backend      owner again   fail
 *   BROKEN              interrupted     fail              fail          fail
 *   BROKEN_STREAM       interrupted     next backend      owner again   fail
 *   EMPTY_STREAM        error           next backend      owner again   deliver
 *   INCOMPLETE_ERROR    interrupted     next backend      owner again   fail
 *   OVERLOADED (5xx)    error           next backend      owner again   deliver
 *   THROTTLED (429)     - (parked)      next backend      next backend  next backend
 *   UNAUTHORIZED (401)  unauthorized    next backend; before that once the same with a new credential
 *   FORBIDDEN (403)     forbidden       next backend      next backend  next backend
 *   UNCLEAR             -               read the body: then RESPONSE, NO_DEPLOYMENT or NOT_FOUND_HERE
 *   NOT_FOUND_HERE      -               next backend      next backend  next backend
 *   NO_DEPLOYMENT       no deployment   next backend      next backend  next backend
 *
 * The rule behind the table: a request that was certainly not processed may always be retried. A request that may have
 * been processed is retried only if processing it twice does no harm.
 */

/**
 * Outcome of one attempt, which decides the request's next step (deliver, retry, fail) and the failure that is recorded
 * for the backend.
 */
enum AttemptOutcome {
    /** A response for the client: a good one, or an error that any backend would return. */
    RESPONSE(Optional.empty()),
    /** There is no credential for the backend, so the request was not sent. */
    NO_CREDENTIAL(Optional.empty()),
    /** There is no connection to the backend, so the request was not sent. */
    NO_CONNECTION(Optional.of(FailureKind.UNREACHABLE)),
    /** A new connection was closed before any byte of the request had been written. */
    NOT_WRITTEN(Optional.empty()),
    /** A reused connection was closed before any byte of the request had been written. */
    STALE_UNWRITTEN(Optional.empty()),
    /**
     * A reused connection was closed without a response. Most likely the backend closed the idle connection while the
     * request was being sent.
     */
    STALE_CONNECTION(Optional.empty()),
    /** A new connection was closed before the first byte of a response. */
    NO_RESPONSE(Optional.of(FailureKind.ERROR)),
    /** No response was received in time. */
    TIMED_OUT(Optional.of(FailureKind.TIMED_OUT)),
    /** The response was interrupted, or was not valid HTTP. The backend may have processed the request. */
    BROKEN(Optional.of(FailureKind.INTERRUPTED)),
    /** A token stream was interrupted before its first token, or its head was not valid. */
    BROKEN_STREAM(Optional.of(FailureKind.INTERRUPTED)),
    /** A token stream has ended before its first token. */
    EMPTY_STREAM(Optional.of(FailureKind.ERROR)),
    /** The body of an error, which the next step depends on, stalled or was interrupted. */
    INCOMPLETE_ERROR(Optional.of(FailureKind.INTERRUPTED)),
    /**
     * Status 408, 409 or 5xx, which another backend may not return. Not 501 and 505, which are about the request
     * itself.
     */
    OVERLOADED(Optional.of(FailureKind.ERROR)),
    /** Status 429: the request was rejected before processing. */
    THROTTLED(Optional.empty()),
    /** Status 401 for a credential from the conf. */
    UNAUTHORIZED(Optional.of(FailureKind.UNAUTHORIZED)),
    /** Status 403 for a credential from the conf. */
    FORBIDDEN(Optional.of(FailureKind.FORBIDDEN)),
    /**
     * Status 404 or 400 with several possible causes: this backend does not have the model or the object, or the
     * request is wrong. The body decides.
     */
    UNCLEAR(Optional.empty()),
    /** The backend does not have the object that the request refers to, but another backend may have it. */
    NOT_FOUND_HERE(Optional.empty()),
    /** Status 404 because the backend does not have the model. */
    NO_DEPLOYMENT(Optional.of(FailureKind.NO_DEPLOYMENT));

    /** Next step of a request after the outcome of an attempt. */
    enum NextStep {
        /** Send the response to the client. */
        DELIVER,
        /** Receive the response's body before the next step is decided. */
        READ_BODY,
        /** Send the request to the same backend again, over a new connection. */
        SAME_BACKEND,
        NEXT_BACKEND,
        /** Send the request once more to the owner of the response that the request continues. */
        OWNER_AGAIN,
        /** Send an error to the client, because there is no response and a retry is not safe. */
        FAIL
    }

    private final Optional<FailureKind> failure;

    AttemptOutcome(Optional<FailureKind> failure) {
        this.failure = failure;
    }

    /** Returns the failure to record for the backend; empty if this outcome says nothing about the backend. */
    Optional<FailureKind> failure() {
        return failure;
    }

    /**
     * Returns the outcome of an attempt without a complete response.
     *
     * @param reused whether an earlier request used the connection
     * @param written whether any byte of the request may have been written
     * @param streamed whether a token stream was requested, of which the client has received nothing
     */
    static AttemptOutcome of(Kind kind, boolean reused, boolean written, boolean streamed) {
        return switch (kind) {
            case NO_CREDENTIAL -> NO_CREDENTIAL;
            case CONNECT, CONNECT_TIMEOUT -> NO_CONNECTION;
            case CLOSED_BEFORE_RESPONSE ->
                reused ? written ? STALE_CONNECTION : STALE_UNWRITTEN : written ? NO_RESPONSE : NOT_WRITTEN;
            case CLOSED_DURING_RESPONSE, BAD_RESPONSE -> streamed ? BROKEN_STREAM : BROKEN;
            case FIRST_BYTE_TIMEOUT -> TIMED_OUT;
            case ERROR_STALLED -> INCOMPLETE_ERROR;
        };
    }

    /**
     * Returns the outcome for a response's status. The content type is not used, because Google sends errors as {@code
     * text/event-stream}.
     *
     * @param ourCredential whether the request carried a credential from the conf, not the client's own
     * @param namesModel whether the request names a model, which may be the reason for a 404
     * @param mayHaveAnotherOwner whether the request refers to an object that another backend may keep
     */
    static AttemptOutcome of(int status, boolean ourCredential, boolean namesModel, boolean mayHaveAnotherOwner) {
        return switch (status) {
            case 408, 409 -> OVERLOADED;
            case 429 -> THROTTLED;
            case 401 -> ourCredential ? UNAUTHORIZED : RESPONSE;
            case 403 -> ourCredential ? FORBIDDEN : RESPONSE;
            case 404 -> namesModel || mayHaveAnotherOwner ? UNCLEAR : RESPONSE;
            case 400 -> mayHaveAnotherOwner ? UNCLEAR : RESPONSE;
            case 501, 505 -> RESPONSE;
            default -> status >= 500 && status < 600 ? OVERLOADED : RESPONSE;
        };
    }

    /**
     * Returns the outcome for an error event before the first token.
     *
     * @param ourCredential see {@link #of(int, boolean, boolean, boolean)}, as for the other parameters
     */
    static AttemptOutcome ofEvent(
            ReportedError error, boolean ourCredential, boolean namesModel, boolean mayHaveAnotherOwner) {
        AttemptOutcome outcome = of(status(error), ourCredential, namesModel, mayHaveAnotherOwner);
        if (outcome != UNCLEAR) {
            return outcome;
        } else if (namesModel && ErrorStatus.saysModelNotFound(error.code())) {
            return NO_DEPLOYMENT;
        }
        return mayHaveAnotherOwner && ErrorStatus.saysReferenceNotFound(error.code()) ? NOT_FOUND_HERE : RESPONSE;
    }

    /** Returns the status that an error event stands for. */
    static int status(ReportedError error) {
        return ErrorStatus.of(error.status(), error.code(), error.type());
    }

    /**
     * Returns whether a retry after this outcome uses up the retry budget. A search for an object's owner does not, and
     * neither does a request that was never sent, because they add no load to a failing backend.
     */
    boolean countsAgainstBudget() {
        return this != NOT_FOUND_HERE && this != NO_CREDENTIAL;
    }

    /**
     * Returns why an attempt with this outcome is repaired by another one; empty if nothing has failed.
     *
     * @param byEvent whether an error event has reported the outcome
     */
    Optional<RepairReason> repairReason(boolean byEvent) {
        return switch (this) {
            case RESPONSE, UNCLEAR, NOT_FOUND_HERE -> Optional.empty();
            case NO_CREDENTIAL, UNAUTHORIZED, FORBIDDEN -> Optional.of(RepairReason.CREDENTIAL);
            case NO_CONNECTION, NOT_WRITTEN, STALE_UNWRITTEN, STALE_CONNECTION -> Optional.of(RepairReason.CONNECTION);
            case NO_RESPONSE -> Optional.of(RepairReason.CLOSED);
            case TIMED_OUT -> Optional.of(RepairReason.SILENCE);
            case BROKEN, BROKEN_STREAM, INCOMPLETE_ERROR -> Optional.of(RepairReason.BROKEN);
            case EMPTY_STREAM -> Optional.of(RepairReason.EMPTY_STREAM);
            case OVERLOADED -> Optional.of(byEvent ? RepairReason.ERROR_EVENT : RepairReason.ERROR_STATUS);
            case THROTTLED -> Optional.of(RepairReason.RATE_LIMIT);
            case NO_DEPLOYMENT -> Optional.of(RepairReason.NO_MODEL);
        };
    }

    /** Returns whether the response's body is needed to decide the next step. */
    boolean needsBody() {
        return this == UNCLEAR;
    }

    NextStep nextStep(RetryClass retryClass) {
        return switch (this) {
            case RESPONSE -> NextStep.DELIVER;
            case NO_CREDENTIAL,
                    NO_CONNECTION,
                    NOT_WRITTEN,
                    THROTTLED,
                    UNAUTHORIZED,
                    FORBIDDEN,
                    NO_DEPLOYMENT,
                    NOT_FOUND_HERE -> NextStep.NEXT_BACKEND;
            case STALE_UNWRITTEN -> NextStep.SAME_BACKEND;
            case STALE_CONNECTION -> retryClass == RetryClass.CREATING ? NextStep.FAIL : NextStep.SAME_BACKEND;
            case NO_RESPONSE, TIMED_OUT, INCOMPLETE_ERROR, BROKEN_STREAM -> repetition(retryClass, NextStep.FAIL);
            case OVERLOADED, EMPTY_STREAM -> repetition(retryClass, NextStep.DELIVER);
            case BROKEN -> NextStep.FAIL;
            case UNCLEAR -> NextStep.READ_BODY;
        };
    }

    /**
     * Returns the next step of a request that may have been processed.
     *
     * @param last the step if the request must not be repeated
     */
    private static NextStep repetition(RetryClass retryClass, NextStep last) {
        return switch (retryClass) {
            case SAFE, GENERATING -> NextStep.NEXT_BACKEND;
            case CONTINUING -> NextStep.OWNER_AGAIN;
            case CREATING -> last;
        };
    }
}
