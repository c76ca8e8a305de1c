package io.crowfly.bench.policies.scenario;

/**
 * Rate limit of a simulated backend: requests per window. Requests above the limit get a 429 until the window ends.
 * Such refused requests count too, as at Azure.
 */
public record SimulatedRateLimit(int requests, long windowNanos) {}
