package io.crowfly.balancer.attempt;

import io.crowfly.balancer.attempt.UpstreamFailure.Kind;
import io.crowfly.balancer.message.ErrorResponse;
import org.jspecify.annotations.Nullable;

/**
 * Which error the client gets if no attempt does better. Of those that backends gave it is the one that the client has most
 * of ({@link HeldResponse#isBetterThan}), unless it would mislead; where none gave any, it is ours, by the last failure. Made
 * when the first of them comes.
 */
final class BestError {

    /** Keeps what it holds until another one is better. */
    private @Nullable Attempt best;

    private @Nullable UpstreamFailure failure;

    /** What to give. */
    sealed interface ClientError {

        /** What the attempt holds. */
        record FromBackend(Attempt attempt) implements ClientError {}

        /** @param reason for operators */
        record Own(ErrorResponse error, String reason) implements ClientError {}
    }

    /** An attempt that holds an error, which has been judged. Of two the worse one is cancelled. */
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

    /** An attempt came to nothing, not even an error. */
    void add(UpstreamFailure latest) {
        failure = latest;
    }

    /** What an attempt holds has broken off. @return whether it would have been given */
    boolean remove(Attempt attempt) {
        boolean wasBest = best == attempt;
        if (wasBest) {
            best = null;
        }
        return wasBest;
    }

    /**
     * Call when something has been added, and nothing is waited for any more.
     *
     * @param mayHaveAnotherOwner whether a backend that may keep what was looked for has not said that it doesn't
     * @param exhausted whether another attempt would have been made if there were one to make
     */
    ClientError errorForClient(boolean mayHaveAnotherOwner, boolean exhausted) {
        if (best == null) {
            return new ClientError.Own(
                    exhausted ? errorForFailure().notRetryable() : errorForFailure(), failure.reason());
        } else if (best.outcome() == AttemptOutcome.NOT_FOUND_HERE && mayHaveAnotherOwner) {
            return new ClientError.Own(ErrorResponse.ownerUnavailable(), "not found where it could be looked for");
        } else if (isRefusedOwnCredential(best)) {
            return new ClientError.Own(ErrorResponse.credentialRefused().notRetryable(), "status 401");
        }
        return new ClientError.FromBackend(best);
    }

    private ErrorResponse errorForFailure() {
        boolean timedOut = failure.kind() == Kind.FIRST_BYTE_TIMEOUT || failure.kind() == Kind.CONNECT_TIMEOUT;
        if (failure.kind() == Kind.NO_CREDENTIAL) {
            return ErrorResponse.noCredential();
        }
        return timedOut ? ErrorResponse.upstreamTimeout() : ErrorResponse.upstreamFailed();
    }

    /** It was shown our credential: a client that is told of it would doubt its own. */
    private static boolean isRefusedOwnCredential(Attempt attempt) {
        return attempt.outcome() == AttemptOutcome.UNAUTHORIZED
                && attempt.heldResponse().head.status() == 401;
    }
}
