/**
 * State of each backend: probe schedule, health, ejection, parking, and the published ranking. Inputs are the backends,
 * the results of probes and the observations of live requests. The output is one immutable {@link
 * io.crowfly.probes.Ranking}, published at each tick and at each urgent change.
 *
 * <p>{@link io.crowfly.probes.Probes} is the entry point. It keeps one schedule and one state per backend. Latency
 * estimates are in {@link io.crowfly.probes.forecast}, which imports nothing of this package.
 *
 * <p>Plain Java without Netty. The caller supplies time, randomness and threads through {@link
 * io.crowfly.probes.Scheduler} and {@link io.crowfly.probes.Prober}. The balancer runs this code over sockets, the
 * simulator over simulated backends.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.probes;
