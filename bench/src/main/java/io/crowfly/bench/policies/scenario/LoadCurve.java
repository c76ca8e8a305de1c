package io.crowfly.bench.policies.scenario;

/**
 * How a backend slows with its load. Servers of language models batch: up to some number of requests in flight the first
 * token comes as if alone, beyond it prompts wait for each other. Up to the knee the factor is 1; above it 1 + (factor at
 * capacity - 1) × ((requests in flight - knee) / (capacity - knee))², past capacity too, until the limit.
 *
 * @param knee requests in flight up to which nothing slows
 * @param limit requests in flight above which another one is answered by 429
 * @param retryAfterNanos the hint that goes with it
 */
public record LoadCurve(double capacity, double knee, double factorAtCapacity, double limit, long retryAfterNanos) {

    /** Of a backend that has room for everybody. */
    public static final LoadCurve NONE = new LoadCurve(1e9, 1e9, 1, Double.MAX_VALUE, 0);

    /** @param inFlight with the request itself */
    public double factor(int inFlight) {
        if (inFlight <= knee) {
            return 1;
        }
        double over = (inFlight - knee) / (capacity - knee);
        return 1 + (factorAtCapacity - 1) * over * over;
    }
}
