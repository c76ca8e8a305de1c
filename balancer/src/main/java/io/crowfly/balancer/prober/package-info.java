/**
 * Probes over real sockets. Input: the probes that {@link io.crowfly.probes.Probes} schedules. Output: their results.
 * A probe takes the path of a request: over the connections of {@code upstream}, in the dialect of the provider,
 * credential included.
 *
 * <p>Probes run on the control loop, so that probes and traffic do not delay each other.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.prober;
