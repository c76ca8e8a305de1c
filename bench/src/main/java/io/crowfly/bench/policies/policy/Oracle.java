package io.crowfly.bench.policies.policy;

/**
 * Sends each request where the least time to first token is to be expected, by the true state of everything at that moment.
 * Luck it doesn't know, and what it takes from the requests after this one it doesn't weigh.
 */
final class Oracle implements Policy {

    private final Surroundings surroundings;

    Oracle(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public int choose(Request request, Tried tried, long nowNanos) {
        int best = NONE;
        double least = Double.MAX_VALUE;
        for (int b = 0; b < surroundings.count(); b++) {
            double expected =
                    tried.has(b) ? Double.MAX_VALUE : surroundings.truth().expectedNanos(request, b);
            if (!tried.has(b) && (best == NONE || expected < least)) {
                best = b;
                least = expected;
            }
        }
        return best;
    }
}
