package io.crowfly.conf;

/**
 * Settings of retries, {@code routing.retry}.
 *
 * @param attempts how many backends may be tried for one request, including the first; at least 1
 * @param budget limit of retries, as a share of all requests of the process, from 0 to 1
 */
public record Retry(int attempts, double budget) {}
