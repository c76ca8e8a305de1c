package io.crowfly.bench.policies.policy;

/** Selects a backend uniformly at random. */
final class RandomChoice implements Policy {

    private final RandomDraw randomDraw;

    RandomChoice(EdgeEnvironment environment) {
        randomDraw = new RandomDraw(environment);
    }

    @Override
    public int choose(Request request, TriedBackends tried, long nowNanos) {
        return randomDraw.any(tried);
    }
}
