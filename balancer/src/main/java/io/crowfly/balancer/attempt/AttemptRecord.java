package io.crowfly.balancer.attempt;

/**
 * Record of one attempt for operators, which explains why and with what outcome a request went to a backend.
 *
 * @param place index of the backend among the candidates
 * @param why reason for the attempt, in a few words
 * @param outcome how the attempt ended, in a few words: a status, a failure, or {@code cancelled}
 * @param inFlight our requests in flight at the backend when this one was sent, itself included; 0 if it was not sent
 * @param warm whether the request was sent on a connection that was already open
 * @param firstTokenNanos from sending the request to the event that predictions are about: the first token of a stream,
 *     the head of any other good response; -1 if none came
 */
public record AttemptRecord(
        int place, Role role, String why, String outcome, long inFlight, boolean warm, long firstTokenNanos) {

    public enum Role {
        /** The first attempt, at the backend that routing preferred. */
        FIRST,
        /** The first attempt, at a backend without other traffic, to keep its figures up to date. */
        EXPLORATION,
        /** An attempt after a failed one. */
        RETRY,
        /** An attempt in parallel to a slow one. */
        HEDGE
    }
}
