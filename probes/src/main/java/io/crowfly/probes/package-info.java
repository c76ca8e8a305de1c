/**
 * What we know of each backend. In go the outcomes of probes; out comes one immutable {@link io.crowfly.probes.Ranking},
 * published whenever it changes.
 *
 * <p>Plain Java without Netty: time, randomness and threads come in through {@link io.crowfly.probes.Timeline} and
 * {@link io.crowfly.probes.Prober}, so that the balancer runs it over sockets and the simulator over its model.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.probes;
