package io.crowfly.bench.policies.policy;

/** The expected latency by the true state of the simulation, which no edge can know. */
@FunctionalInterface
public interface ExpectedLatency {

    /**
     * Returns the expected time to first token at this backend now: the round trip, the median under the load including
     * this request, and the mean of the noise. For a backend that would fail, returns the time lost there plus the
     * least time at the other backends that were not tried.
     */
    double expectedNanos(SimulatedRequest request, int backend, TriedBackends tried);
}
