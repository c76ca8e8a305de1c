package io.crowfly.bench.policies.scenario;

/**
 * A limit of requests per window. Refused requests count too, as at Azure. Requests above the limit get a 429 until the
 * window ends.
 */
public record SimulatedRateLimit(int requests, long windowNanos) {}
