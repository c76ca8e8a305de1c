/**
 * {@code crowfly bench peers}: compares the cost of a request through Crowfly, HAProxy and nginx in one run.
 *
 * <p>The figure is the proxy's CPU time per request rather than requests per second: the load generator, pinned to its
 * own core, saturates before a good proxy does, and CPU time is the resource that runs out on a machine. Rounds are
 * interleaved, because a machine's speed drifts over minutes. Medians and ratios are robust against this drift,
 * absolute times are not.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.peers;
