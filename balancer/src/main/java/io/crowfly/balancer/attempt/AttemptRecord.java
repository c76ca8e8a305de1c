package io.crowfly.balancer.attempt;

import io.crowfly.balancer.routing.Overflow;
import java.util.Optional;

/**
 * Record of one attempt for operators: why a request was sent to this backend, and with what outcome. Shown on the page
 * {@code GET /decisions}.
 *
 * @param place index of the backend among the candidates
 * @param why reason for the attempt, in a few words
 * @param overflow why a first attempt was not at the tier with the lowest number; empty if it was, or for other
 *     attempts
 * @param outcome how the attempt ended, in a few words: a status, a failure, or {@code cancelled}
 * @param inFlight our requests in flight at the backend when this request was sent, this request included; 0 if it was
 *     not sent
 * @param warm whether the request was sent on a connection that was already open
 * @param firstTokenNanos from sending the request to the first token of a stream, or to the head of any other good
 *     response; -1 if none was received
 * @param repaired why the attempt has failed, if another attempt has served the request
 */
public record AttemptRecord(
        int place,
        Role role,
        String why,
        Optional<Overflow> overflow,
        String outcome,
        long inFlight,
        boolean warm,
        long firstTokenNanos,
        Optional<RepairReason> repaired) {

    public enum Role {
        /** The first attempt, at the backend that routing chose by its figures. */
        FIRST,
        /** The first attempt, at a backend without other traffic, so that the backend's latency becomes known. */
        EXPLORATION,
        /** An attempt after a failed attempt. */
        RETRY,
        /** An attempt in parallel with a slow attempt. */
        HEDGE
    }
}
