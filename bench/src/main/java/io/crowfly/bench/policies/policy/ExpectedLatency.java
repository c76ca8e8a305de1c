package io.crowfly.bench.policies.policy;

/**
 * Function to the expected latency by the true state of the simulation. Only the oracle uses it, because no real edge
 * knows this state.
 */
@FunctionalInterface
public interface ExpectedLatency {

    /**
     * Returns the expected time to first token at this backend now, in nanoseconds: the round trip plus the mean
     * service time under the present load. With the objective {@code completion}, the mean time until the last token
     * follows. If the attempt may fail, its time and the least time at another untried backend count with the
     * probability of failure.
     */
    double expectedNanos(SimulatedRequest request, int backend, TriedBackends tried);

    /**
     * Returns the highest tier number that the request should use now: that of the lowest tier with an untried backend
     * that works and is within {@code tier-tolerance} of the best.
     */
    default int highestTier(SimulatedRequest request, TriedBackends tried) {
        return Integer.MAX_VALUE;
    }
}
