package io.crowfly.bench.policies.policy;

/**
 * Policy that draws two random backends and selects the one with the lower product of latency and requests in flight:
 * Finagle's {@code PeakEwma} under {@code p2c} with its default decay of 10 s. Envoy's contrib extension
 * {@code peak_ewma} has the same cost. The latency is a moving average over an uneven time series (Eckner), which rises
 * to each peak at once. It also decays while nothing is observed, so that a backend that was slow is tried again.
 *
 * <p>Finagle and Envoy observe the duration of the whole exchange. Here the time to first token is observed, which
 * gives better results in this comparison. A failure is observed with its duration, as in Finagle. Finagle's failure
 * accrual, a separate module that would eject backends with fast failures, is not simulated.
 */
final class PeakEwma implements SelectionPolicy {

    private static final double DECAY_NANOS = 10e9;

    /** Cost of a backend that has requests in flight but has never responded: higher than that of any other backend. */
    private static final double PENALTY = Long.MAX_VALUE >> 16;

    private final RandomDraw randomDraw;
    private final double[] costNanos;
    private final long[] stampNanos;
    private final int[] inFlight;

    PeakEwma(EdgeEnvironment environment) {
        randomDraw = new RandomDraw(environment);
        costNanos = new double[environment.count()];
        stampNanos = new long[environment.count()];
        inFlight = new int[environment.count()];
    }

    @Override
    public int choose(SimulatedRequest request, TriedBackends tried, long nowNanos) {
        return randomDraw.betterOfTwo(tried, backend -> load(backend, nowNanos));
    }

    private double load(int backend, long nowNanos) {
        observe(backend, 0, nowNanos);
        return costNanos[backend] == 0 && inFlight[backend] > 0
                ? PENALTY + inFlight[backend]
                : costNanos[backend] * (inFlight[backend] + 1);
    }

    private void observe(int backend, double sampleNanos, long nowNanos) {
        double retained = StrictMath.exp(-(nowNanos - stampNanos[backend]) / DECAY_NANOS);
        costNanos[backend] = sampleNanos > costNanos[backend]
                ? sampleNanos
                : costNanos[backend] * retained + sampleNanos * (1 - retained);
        stampNanos[backend] = nowNanos;
    }

    @Override
    public void sent(SimulatedAttempt attempt) {
        inFlight[attempt.backend()]++;
    }

    @Override
    public void firstToken(SimulatedAttempt attempt, long serverNanos, long nowNanos) {
        observe(attempt.backend(), nowNanos - attempt.sentNanos(), nowNanos);
    }

    @Override
    public void completed(SimulatedAttempt attempt, int outputTokens, long nowNanos) {
        inFlight[attempt.backend()]--;
    }

    @Override
    public void failed(SimulatedAttempt attempt, SimulatedFailure failure, long nowNanos) {
        inFlight[attempt.backend()]--;
        observe(attempt.backend(), nowNanos - attempt.sentNanos(), nowNanos);
    }
}
