package io.crowfly.bench.policies.policy;

/**
 * Attempt of a simulated request at one backend.
 *
 * @param request the request
 * @param backend index of the backend
 * @param number 1 for the request's first attempt
 * @param sentNanos virtual time of sending
 */
public record SimulatedAttempt(SimulatedRequest request, int backend, int number, long sentNanos) {}
