package io.crowfly.bench.policies.scenario;

/** So many requests in each window, refused ones included, as Azure counts them; more are answered by 429 until it is over. */
public record RateLimit(int requests, long windowNanos) {}
