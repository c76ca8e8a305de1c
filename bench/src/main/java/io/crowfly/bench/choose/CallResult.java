package io.crowfly.bench.choose;

import java.util.List;

/**
 * The result of one request, as the client observed it.
 *
 * @param sentNanos in the time of {@link System#nanoTime}
 * @param status 0 if no response began
 * @param backend the backend that the balancer named in the response; empty if it named none
 * @param complete whether the response was received to its end
 */
record CallResult(ClientRequest request, long sentNanos, int status, String backend, boolean complete) {

    boolean succeeded() {
        return status == 200 && complete;
    }

    /**
     * Returns whether the connection closed in the middle of a successful response. No retry can repair this. Azure
     * begins its response long before the first token.
     */
    boolean truncated() {
        return status == 200 && !complete;
    }

    /** Returns whether the request failed although a retry could have prevented this. */
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
