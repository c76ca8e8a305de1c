package io.crowfly.conf;

/**
 * Settings of retries, {@code routing.retry}.
 *
 * @param attempts maximum number of attempts for one request, the first attempt included; at least 1
 * @param budget maximum of retries, as a share of all requests of the process, from 0 to 1
 */
public record Retry(int attempts, double budget) {}
