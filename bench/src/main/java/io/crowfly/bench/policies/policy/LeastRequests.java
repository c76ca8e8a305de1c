package io.crowfly.bench.policies.policy;

/**
 * Policy that draws two random backends and selects the one with fewer of this edge's requests in flight: Envoy's
 * {@code LEAST_REQUEST} with its default {@code choice_count} of 2 and equal weights (Envoy documentation, "Load
 * balancing policies: least request"). The algorithm is from Mitzenmacher, "The Power of Two Choices in Randomized Load
 * Balancing", IEEE TPDS 12(10), 2001.
 *
 * <p>Envoy's outlier detection, off by default, is not simulated.
 */
final class LeastRequests implements SelectionPolicy {

    private final RandomDraw randomDraw;
    private final int[] inFlight;

    LeastRequests(EdgeEnvironment environment) {
        randomDraw = new RandomDraw(environment);
        inFlight = new int[environment.count()];
    }

    @Override
    public int choose(SimulatedRequest request, TriedBackends tried, long nowNanos) {
        return randomDraw.betterOfTwo(tried, backend -> inFlight[backend]);
    }

    @Override
    public void sent(SimulatedAttempt attempt) {
        inFlight[attempt.backend()]++;
    }

    @Override
    public void completed(SimulatedAttempt attempt, int outputTokens, long nowNanos) {
        inFlight[attempt.backend()]--;
    }

    @Override
    public void failed(SimulatedAttempt attempt, SimulatedFailure failure, long nowNanos) {
        inFlight[attempt.backend()]--;
    }
}
