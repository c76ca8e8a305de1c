package io.crowfly.balancer.attempt;

/**
 * One attempt of an exchange, for those who want to know why a request went where it did.
 *
 * @param place of the backend among the candidates
 * @param why it was tried, in a few words
 * @param outcome how it ended, in a few words: a status, a failure, or that it was cancelled
 * @param inFlight our own requests at the backend when it was sent, itself included; 0 if it was not sent
 * @param warm whether it went over a connection that was open already
 * @param firstTokenNanos from the moment it was sent to what predictions are about: the first token of a stream, the first
 *     byte of any other good answer; -1 where none came
 */
public record AttemptRecord(
        int place, Role role, String why, String outcome, long inFlight, boolean warm, long firstTokenNanos) {

    public enum Role {
        /** The first, at the backend that the request was best off at. */
        FIRST,
        /** The first, at a backend that gets none otherwise, to keep it known. */
        EXPLORATION,
        /** After another one that came to nothing. */
        RETRY,
        /** Beside another one that is slow. */
        HEDGE
    }
}
