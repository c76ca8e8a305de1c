/**
 * What we know of each backend. In go the backends and the outcomes of probes; out comes one immutable
 * {@link io.crowfly.probes.Ranking}, published whenever it changes.
 *
 * <p>{@link io.crowfly.probes.Probes} is the way in. It keeps one schedule per backend (when to probe), and what was learned
 * of it as values that compose: the health by rise and fall thresholds, and a peak EWMA for each part of the latency.
 *
 * <p>Plain Java without Netty: time, randomness and threads come in through {@link io.crowfly.probes.Scheduler} and
 * {@link io.crowfly.probes.Prober}, so that the balancer runs it over sockets and the simulator over its model.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.probes;
