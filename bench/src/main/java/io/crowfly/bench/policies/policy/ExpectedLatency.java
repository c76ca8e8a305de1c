package io.crowfly.bench.policies.policy;

/**
 * Function to the expected latency by the true state of the simulation. Only the oracle uses it, because no real edge
 * knows this state.
 */
@FunctionalInterface
public interface ExpectedLatency {

    /**
     * Returns the expected time to first token at this backend now, in nanoseconds: the round trip plus the mean
     * service time under the present load. If the attempt may fail, its time and the least time at another untried
     * backend count with the probability of failure.
     */
    double expectedNanos(SimulatedRequest request, int backend, TriedBackends tried);
}
