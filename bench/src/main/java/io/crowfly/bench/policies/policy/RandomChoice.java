package io.crowfly.bench.policies.policy;

/** Policy that selects an untried backend uniformly at random. */
final class RandomChoice implements SelectionPolicy {

    private final RandomDraw randomDraw;

    RandomChoice(EdgeEnvironment environment) {
        randomDraw = new RandomDraw(environment);
    }

    @Override
    public int choose(SimulatedRequest request, TriedBackends tried, long nowNanos) {
        return randomDraw.any(tried);
    }
}
