package io.crowfly.bench.choose;

import java.util.List;

/**
 * What became of one request, as its client saw it.
 *
 * @param sentNanos as {@link System#nanoTime} has it
 * @param status 0 where no answer began
 * @param backend that answered, by the balancer's word; empty if it named none
 * @param whole whether the answer came to its end
 */
record Call(Ask ask, long sentNanos, int status, String backend, boolean whole) {

    boolean good() {
        return status == 200 && whole;
    }

    /** The backend went in the middle of its answer, which nobody can mend; Azure begins long before the first token. */
    boolean brokenInPart() {
        return status == 200 && !whole;
    }

    /** Whether it failed, and needn't have. */
    boolean lost() {
        return !good() && !brokenInPart();
    }

    /** From 0 to 1. */
    static double share(List<Call> calls, String backend) {
        return (double) calls.stream()
                        .filter(call -> call.backend().equals(backend))
                        .count()
                / Math.max(1, calls.size());
    }
}
