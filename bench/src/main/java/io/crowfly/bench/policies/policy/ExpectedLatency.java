package io.crowfly.bench.policies.policy;

/** The true state of things, which no edge can know. */
@FunctionalInterface
public interface ExpectedLatency {

    /**
     * The time to first token to expect at this backend now: its round trip, its median under the load that it has with this
     * request on top, the mean of what noise adds. At one that would fail, the time lost there and then the least at the others
     * that weren't tried.
     */
    double expectedNanos(Request request, int backend, TriedBackends tried);
}
