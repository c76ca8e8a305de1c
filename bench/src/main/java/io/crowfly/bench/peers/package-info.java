/**
 * {@code crowfly bench peers}: what a request costs through Crowfly, HAProxy and nginx, side by side in one run.
 *
 * <p>The figure is CPU time of the proxy per request rather than requests per second: the load generator, pinned to a
 * core of its own, saturates before a good proxy does, and CPU time is what a machine runs out of. Rounds are
 * interleaved, because a machine's speed drifts over minutes; medians and ratios survive that, absolute times don't.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.peers;
