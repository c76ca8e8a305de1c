package io.crowfly.conf;

/**
 * Settings of hedging, {@code routing.hedge}: a second attempt is sent while the first attempt is slow.
 *
 * @param budget maximum of hedges, as a share of all requests of the process, above 0, at most 1
 */
public record Hedge(double budget) {}
