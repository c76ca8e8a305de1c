package io.crowfly.bench.policies.policy;

/**
 * Of two backends drawn by lot, the one with fewer of this edge's requests in flight: Envoy's {@code LEAST_REQUEST} with its
 * default {@code choice_count} of 2 and equal weights (Envoy documentation, "Load balancing policies: least request").
 * The idea is Mitzenmacher's, "The Power of Two Choices in Randomized Load Balancing", IEEE TPDS 12(10), 2001.
 *
 * <p>Envoy's outlier detection, off by default, is left out.
 */
final class LeastRequests implements Policy {

    private final Lots lots;
    private final int[] inFlight;

    LeastRequests(Surroundings surroundings) {
        lots = new Lots(surroundings);
        inFlight = new int[surroundings.count()];
    }

    @Override
    public int choose(Request request, Tried tried, long nowNanos) {
        return lots.better(tried, backend -> inFlight[backend]);
    }

    @Override
    public void sent(Attempt attempt) {
        inFlight[attempt.backend()]++;
    }

    @Override
    public void ended(Attempt attempt, int outputTokens, long nowNanos) {
        inFlight[attempt.backend()]--;
    }

    @Override
    public void failed(Attempt attempt, Failure failure, long nowNanos) {
        inFlight[attempt.backend()]--;
    }
}
