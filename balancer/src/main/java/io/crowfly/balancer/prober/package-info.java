/**
 * Probes over real sockets. Input: the probes that {@link io.crowfly.probes.Probes} schedules. Output: their results. A
 * probe is sent in the same way as a request: over the connections of {@code upstream}, in the dialect of the provider,
 * with the credential.
 *
 * <p>Probes run on the control loop, so that probes and traffic do not delay each other.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.prober;
