package io.crowfly.bench.policies.scenario;

/**
 * The load curve of a backend: how latency grows with its requests in flight. Servers of language models batch: up to a
 * number of requests in flight, the first token takes as long as for a single request; above it, prompts wait for each
 * other. Up to the knee the factor is 1. Above it the factor is 1 + (factor at capacity - 1) × ((requests in flight -
 * knee) / (capacity - knee))², also above capacity, until the limit.
 *
 * @param knee requests in flight up to which latency does not grow
 * @param limit requests in flight above which the next request gets a 429
 * @param retryAfterNanos the {@code Retry-After} of that response
 */
public record SimulatedLoadCurve(double capacity, double knee, double factorAtCapacity, double limit, long retryAfterNanos) {

    /** The curve of a backend with unlimited capacity. */
    public static final SimulatedLoadCurve NONE = new SimulatedLoadCurve(1e9, 1e9, 1, Double.MAX_VALUE, 0);

    /** @param inFlight requests in flight including this request */
    public double factor(int inFlight) {
        if (inFlight <= knee) {
            return 1;
        }
        double over = (inFlight - knee) / (capacity - knee);
        return 1 + (factorAtCapacity - 1) * over * over;
    }
}
