/**
 * The benchmark {@code choose}: whether the balancer chooses well over real sockets. It moves away from a backend that slows
 * down or dies and back again, no client sees one cloud's 429s, tiers and rules are kept.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.choose;
