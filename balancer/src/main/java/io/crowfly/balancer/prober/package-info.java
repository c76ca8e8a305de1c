/**
 * Probes over real sockets: the probes floor asks, and what it asks goes the way that a request goes, over the upstream
 * room's connections and in the provider's dialect, credential included. On a loop of its own: probes never wait for
 * traffic, nor traffic for probes.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.prober;
