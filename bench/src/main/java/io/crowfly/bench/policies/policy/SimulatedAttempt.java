package io.crowfly.bench.policies.policy;

/**
 * One attempt of a request at one backend.
 *
 * @param number from 1 for a request's first attempt
 */
public record SimulatedAttempt(SimulatedRequest request, int backend, int number, long sentNanos) {}
