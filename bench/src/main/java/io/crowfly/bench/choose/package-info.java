/**
 * {@code crowfly bench choose}: checks the balancer's backend selection over real sockets. Traffic moves away from a
 * slow or unreachable backend and back again, no client receives the 429s of one cloud, and tiers and rules are kept.
 * Backends that are silent behind the head of a stream are replaced, and clients that wait for a head receive one.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.choose;
