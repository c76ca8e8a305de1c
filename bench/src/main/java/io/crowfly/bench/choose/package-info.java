/**
 * {@code crowfly bench choose}: checks the balancer's backend selection over real sockets. Traffic moves away from a
 * slow or unreachable backend and back again, no client receives the 429s of one cloud, and tiers and rules are kept.
 * Clients that wait for the head of a stream receive one in time.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.choose;
