package io.crowfly.bench.policies.policy;

/**
 * Sends each request where the least time to first token is to be expected, by the true state of everything at that moment.
 * Luck it doesn't know, and what it takes from the requests after this one it doesn't weigh.
 */
final class Oracle implements Policy {

    private final EdgeEnvironment environment;

    Oracle(EdgeEnvironment environment) {
        this.environment = environment;
    }

    @Override
    public int choose(Request request, TriedBackends tried, long nowNanos) {
        int best = NONE;
        double least = Double.MAX_VALUE;
        for (int b = 0; b < environment.count(); b++) {
            double expected = tried.has(b)
                    ? Double.MAX_VALUE
                    : environment.expectedLatency().expectedNanos(request, b, tried);
            if (!tried.has(b) && (best == NONE || expected < least)) {
                best = b;
                least = expected;
            }
        }
        return best;
    }
}
