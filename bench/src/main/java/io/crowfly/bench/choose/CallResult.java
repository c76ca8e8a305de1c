package io.crowfly.bench.choose;

import java.util.List;

/**
 * What became of one request, as its client saw it.
 *
 * @param sentNanos as {@link System#nanoTime} has it
 * @param status 0 where no answer began
 * @param backend that answered, by the balancer's word; empty if it named none
 * @param complete whether the answer came to its end
 */
record CallResult(ClientRequest request, long sentNanos, int status, String backend, boolean complete) {

    boolean succeeded() {
        return status == 200 && complete;
    }

    /** The backend went in the middle of its answer, which nobody can mend; Azure begins long before the first token. */
    boolean truncated() {
        return status == 200 && !complete;
    }

    /** Whether it failed, and needn't have. */
    boolean failed() {
        return !succeeded() && !truncated();
    }

    /** From 0 to 1. */
    static double share(List<CallResult> calls, String backend) {
        return (double) calls.stream()
                        .filter(call -> call.backend().equals(backend))
                        .count()
                / Math.max(1, calls.size());
    }
}
