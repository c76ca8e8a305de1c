package io.crowfly.bench.policies.scenario;

/**
 * Load curve of a simulated backend: how its latency grows with the requests in flight. Servers of language models
 * process requests in batches: up to some number of requests in flight, the first token takes as long as for a single
 * request. Above it, prompts wait for each other. The factor on the latency is 1 up to the knee. Above it, until the
 * limit, the factor is 1 + (factor at capacity - 1) × ((requests in flight - knee) / (capacity - knee))².
 *
 * @param capacity requests in flight at which the factor is {@code factorAtCapacity}
 * @param knee requests in flight up to which latency does not grow
 * @param factorAtCapacity factor on the latency at {@code capacity}
 * @param limit requests in flight above which the next request gets a 429
 * @param retryAfterNanos {@code Retry-After} of that 429; negative for none
 */
public record SimulatedLoadCurve(
        double capacity, double knee, double factorAtCapacity, double limit, long retryAfterNanos) {

    /** Load curve of a backend whose latency does not depend on load. */
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
