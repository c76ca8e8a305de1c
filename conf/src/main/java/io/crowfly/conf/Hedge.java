package io.crowfly.conf;

/**
 * {@code routing.hedge}: a second attempt beside a slow first one.
 *
 * @param budget hedges over the whole process as a share of its requests, above 0, at most 1
 */
public record Hedge(double budget) {}
