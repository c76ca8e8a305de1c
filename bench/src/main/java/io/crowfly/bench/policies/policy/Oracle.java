package io.crowfly.bench.policies.policy;

/**
 * Policy that selects the backend with the least expected time in the preferred tier, computed from the true state of
 * the simulation. It is the reference for the other policies. It does not know the random noise, and does not consider
 * the effect on later requests.
 */
final class Oracle implements SelectionPolicy {

    private final EdgeEnvironment environment;

    Oracle(EdgeEnvironment environment) {
        this.environment = environment;
    }

    @Override
    public int choose(SimulatedRequest request, TriedBackends tried, long nowNanos) {
        int best = NONE;
        double least = Double.MAX_VALUE;
        int highestTier = environment.expectedLatency().highestTier(request, tried);
        for (int b = 0; b < environment.count(); b++) {
            if (!tried.has(b) && environment.backends().get(b).tier() <= highestTier) {
                double expected = environment.expectedLatency().expectedNanos(request, b, tried);
                if (best == NONE || expected < least) {
                    best = b;
                    least = expected;
                }
            }
        }
        return best;
    }
}
