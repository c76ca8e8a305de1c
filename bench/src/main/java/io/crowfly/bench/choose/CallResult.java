package io.crowfly.bench.choose;

import java.util.List;

/**
 * Result of one request of {@code bench choose}, as the client observed it.
 *
 * @param request the request
 * @param sentNanos in the time of {@link System#nanoTime}
 * @param headNanos time from sending to the head of the response; of a token stream, to its first token; 0 if no
 *     response began
 * @param endedNanos when the response or the connection ended, in the same time
 * @param status 0 if no response began
 * @param backend value of {@code x-crowfly-backend}; empty if the response had none
 * @param complete whether the response was received to its end, without an error event
 */
record CallResult(
        ClientRequest request,
        long sentNanos,
        long headNanos,
        long endedNanos,
        int status,
        String backend,
        boolean complete) {

    boolean succeeded() {
        return status == 200 && complete;
    }

    /**
     * Returns whether the connection closed in the middle of a successful response. The balancer can't retry such a
     * request, because the client has already received a part of the response.
     */
    boolean truncated() {
        return status == 200 && !complete;
    }

    /**
     * Returns whether the request failed before its response began. A retry by the balancer could have prevented the
     * failure.
     */
    boolean failed() {
        return !succeeded() && !truncated();
    }

    /** Returns the share of the results that came from this backend, from 0 to 1. */
    static double share(List<CallResult> calls, String backend) {
        return (double) calls.stream()
                        .filter(call -> call.backend().equals(backend))
                        .count()
                / Math.max(1, calls.size());
    }
}
