package io.crowfly.conf;

/**
 * Settings of hedging, {@code routing.hedge}: a second attempt in parallel with a slow first one.
 *
 * @param budget limit of hedges, as a share of all requests of the process, above 0, at most 1
 */
public record Hedge(double budget) {}
