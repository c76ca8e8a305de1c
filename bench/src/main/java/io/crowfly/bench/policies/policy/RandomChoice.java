package io.crowfly.bench.policies.policy;

/** By lot, all alike. */
final class RandomChoice implements Policy {

    private final Lots lots;

    RandomChoice(Surroundings surroundings) {
        lots = new Lots(surroundings);
    }

    @Override
    public int choose(Request request, Tried tried, long nowNanos) {
        return lots.draw(tried);
    }
}
