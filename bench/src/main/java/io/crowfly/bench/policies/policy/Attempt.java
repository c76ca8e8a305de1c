package io.crowfly.bench.policies.policy;

/**
 * One sending of a request to one backend.
 *
 * @param number from 1 for a request's first attempt
 */
public record Attempt(Request request, int backend, int number, long sentNanos) {}
