package io.crowfly.conf;

/**
 * {@code routing.retry}.
 *
 * @param attempts how many backends one request may be sent to, the first included; at least 1
 * @param budget retries over the whole process as a share of its requests, from 0 to 1
 */
public record Retry(int attempts, double budget) {}
