package io.crowfly.balancer.exchange;

import io.crowfly.balancer.exchange.UpstreamFailure.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Which error the client gets if no attempt does better. Of those that backends gave it is the one that the client has most
 * of ({@link HeldAnswer#isBetterThan}), unless it would mislead; where none gave any, it is ours, by the last failure. Made
 * when the first of them comes.
 */
final class LastResort {

    /** Keeps what it holds until another one is better. */
    private @Nullable Attempt best;

    private @Nullable UpstreamFailure failure;

    /** What to give. */
    sealed interface Answer {

        /** What the attempt holds. */
        record OfBackend(Attempt attempt) implements Answer {}

        /** @param reason for operators */
        record Ours(ErrorAnswer error, String reason) implements Answer {}
    }

    /** An attempt that holds an error, which has been judged. Of two the worse one is cancelled. */
    void add(Attempt holding) {
        if (best == null) {
            best = holding;
        } else if (holding.held().isBetterThan(best.held())) {
            best.cancel();
            best = holding;
        } else {
            holding.cancel();
        }
    }

    /** An attempt came to nothing, not even an error. */
    void add(UpstreamFailure last) {
        failure = last;
    }

    /** What an attempt holds has broken off. @return whether it would have been given */
    boolean remove(Attempt broken) {
        boolean was = best == broken;
        if (was) {
            best = null;
        }
        return was;
    }

    /**
     * Call when something has been added, and nothing is waited for any more.
     *
     * @param mayStillBeKept whether a backend that may keep what was looked for has not said that it doesn't
     * @param exhausted whether another attempt would have been made if there were one to make
     */
    Answer answer(boolean mayStillBeKept, boolean exhausted) {
        if (best == null) {
            return new Answer.Ours(exhausted ? ofFailure().notToBeRetried() : ofFailure(), failure.reason());
        } else if (best.ending() == Ending.ELSEWHERE && mayStillBeKept) {
            return new Answer.Ours(ErrorAnswer.keptOutOfReach(), "not found where it could be looked for");
        } else if (isRefusedByOurFault(best)) {
            return new Answer.Ours(ErrorAnswer.credentialRefused().notToBeRetried(), "status 401");
        }
        return new Answer.OfBackend(best);
    }

    private ErrorAnswer ofFailure() {
        boolean late = failure.kind() == Kind.FIRST_BYTE_TIMEOUT || failure.kind() == Kind.CONNECT_TIMEOUT;
        if (failure.kind() == Kind.NO_CREDENTIAL) {
            return ErrorAnswer.noCredential();
        }
        return late ? ErrorAnswer.upstreamTimeout() : ErrorAnswer.upstreamFailed();
    }

    /** It was shown our credential: a client that is told of it would doubt its own. */
    private static boolean isRefusedByOurFault(Attempt attempt) {
        return attempt.ending() == Ending.UNAUTHORIZED && attempt.held().head.status() == 401;
    }
}
