package io.crowfly.balancer.attempt;

import io.crowfly.balancer.attempt.UpstreamFailure.Kind;
import io.crowfly.balancer.message.ErrorResponse;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The error that the client gets if no attempt has a good response. Of several error responses, the most useful one is
 * kept ({@link HeldResponse#isBetterThan}) and the other attempts are cancelled. If no backend responded, or the error
 * would mislead the client, it is an error of Crowfly.
 */
final class BestError {

    /** The attempt that holds the best error response so far. */
    private @Nullable Attempt best;

    private @Nullable UpstreamFailure failure;

    /** Whether every failure so far was a missing connection. */
    private boolean onlyUnreachable = true;

    /** The error to send to the client, from a backend or from Crowfly. */
    sealed interface ClientError {

        /** The error response that the attempt holds. */
        record FromBackend(Attempt attempt) implements ClientError {}

        /**
         * An error of Crowfly.
         *
         * @param reason for operators
         */
        record Own(ErrorResponse error, String reason) implements ClientError {}
    }

    /**
     * What was tried for a request.
     *
     * @param attempts number of attempts
     * @param triedAll whether every backend was tried that was available for the request
     * @param rule name of the routing rule that restricts the request
     */
    record Scope(int attempts, boolean triedAll, Optional<String> rule) {}

    /** Adds an attempt that holds an error response. Of two such attempts the one with the worse error is cancelled. */
    void add(Attempt attempt) {
        if (best == null) {
            best = attempt;
        } else if (attempt.heldResponse().isBetterThan(best.heldResponse())) {
            best.cancel();
            best = attempt;
        } else {
            attempt.cancel();
        }
    }

    /** Adds the failure of an attempt without a response. Only the last one is kept. */
    void add(UpstreamFailure latest) {
        failure = latest;
        onlyUnreachable &= latest.kind() == Kind.CONNECT || latest.kind() == Kind.CONNECT_TIMEOUT;
    }

    /**
     * Removes an attempt whose held response was interrupted.
     *
     * @return whether its response was the best so far
     */
    boolean remove(Attempt attempt) {
        boolean wasBest = best == attempt;
        if (wasBest) {
            best = null;
        }
        return wasBest;
    }

    /**
     * Returns the error for the client. Call only after an {@code add}, and when no attempt is waiting any more.
     *
     * @param mayHaveAnotherOwner whether a backend that has not responded with "not found" may keep the requested
     *     object
     * @param exhausted whether another attempt was needed but not possible, so that a retry by the client would not
     *     help
     * @param scope what was tried
     */
    ClientError errorForClient(boolean mayHaveAnotherOwner, boolean exhausted, Scope scope) {
        if (best == null) {
            ErrorResponse error = errorForFailure(scope);
            return new ClientError.Own(exhausted ? error.notRetryable() : error, failure.reason());
        } else if (best.outcome() == AttemptOutcome.NOT_FOUND_HERE && mayHaveAnotherOwner) {
            return new ClientError.Own(ErrorResponse.ownerUnavailable(), "not found at the available backends");
        } else if (isRefusedOwnCredential(best)) {
            return new ClientError.Own(ErrorResponse.credentialRefused().notRetryable(), "status 401");
        }
        return new ClientError.FromBackend(best);
    }

    private ErrorResponse errorForFailure(Scope scope) {
        Kind kind = failure.kind();
        if (kind == Kind.NO_CREDENTIAL) {
            return ErrorResponse.noCredential();
        }
        boolean timedOut =
                kind == Kind.FIRST_BYTE_TIMEOUT || kind == Kind.CONNECT_TIMEOUT || kind == Kind.ERROR_STALLED;
        return onlyUnreachable && scope.triedAll()
                ? ErrorResponse.noBackendReachable(timedOut, scope.rule())
                : ErrorResponse.upstreamFailed(timedOut, scope.attempts(), kind.description(), scope.rule());
    }

    /**
     * Returns whether a backend rejected a credential from the conf. Then its 401 is not sent, because the client would
     * think that its own credential is wrong.
     */
    private static boolean isRefusedOwnCredential(Attempt attempt) {
        return attempt.outcome() == AttemptOutcome.UNAUTHORIZED
                && attempt.heldResponse().status() == 401;
    }
}
