package io.crowfly.balancer.attempt;

import io.crowfly.balancer.message.ErrorResponse;
import org.jspecify.annotations.Nullable;

/**
 * The error that the client gets if no attempt has a good response. Among the backends' error responses it is the most
 * useful one ({@link HeldResponse#isBetterThan}), unless that would mislead. If no backend responded, it is an error of
 * Crowfly's own for the last failure. Created with the first error.
 */
final class BestError {

    /** The attempt with the best held error so far. */
    private @Nullable Attempt best;

    private @Nullable UpstreamFailure failure;

    /** The error to send to the client. */
    sealed interface ClientError {

        /** The error response that the attempt holds. */
        record FromBackend(Attempt attempt) implements ClientError {}

        /** @param reason for operators */
        record Own(ErrorResponse error, String reason) implements ClientError {}
    }

    /** Adds an attempt with a held error. Of two such attempts the one with the worse error is cancelled. */
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

    /** Adds the failure of an attempt without a response. */
    void add(UpstreamFailure latest) {
        failure = latest;
    }

    /**
     * Removes an attempt whose held response was interrupted.
     *
     * @return whether it was the best one
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
     * @param exhausted whether another attempt was wanted but not possible
     */
    ClientError errorForClient(boolean mayHaveAnotherOwner, boolean exhausted) {
        if (best == null) {
            return new ClientError.Own(
                    exhausted ? errorForFailure().notRetryable() : errorForFailure(), failure.reason());
        } else if (best.outcome() == AttemptOutcome.NOT_FOUND_HERE && mayHaveAnotherOwner) {
            return new ClientError.Own(ErrorResponse.ownerUnavailable(), "not found at the available backends");
        } else if (isRefusedOwnCredential(best)) {
            return new ClientError.Own(ErrorResponse.credentialRefused().notRetryable(), "status 401");
        }
        return new ClientError.FromBackend(best);
    }

    private ErrorResponse errorForFailure() {
        return switch (failure.kind()) {
            case NO_CREDENTIAL -> ErrorResponse.noCredential();
            case FIRST_BYTE_TIMEOUT, CONNECT_TIMEOUT, ERROR_STALLED -> ErrorResponse.upstreamTimeout();
            case CONNECT, CLOSED_BEFORE_RESPONSE, CLOSED_DURING_RESPONSE, BAD_RESPONSE ->
                ErrorResponse.upstreamFailed();
        };
    }

    /**
     * Returns whether a credential from the conf was rejected. Its 401 would make the client doubt its own credential.
     */
    private static boolean isRefusedOwnCredential(Attempt attempt) {
        return attempt.outcome() == AttemptOutcome.UNAUTHORIZED
                && attempt.heldResponse().head.status() == 401;
    }
}
