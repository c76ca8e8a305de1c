/**
 * {@code crowfly bench peers}: compares the CPU cost of a request through Crowfly, HAProxy and nginx in one run.
 *
 * <p>The figure is the proxy's CPU time per request, not requests per second: the load generator on its own core
 * reaches its limit before a good proxy does. Rounds are interleaved, because a machine's speed changes over minutes.
 * This change affects absolute times, but hardly affects medians of ratios.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.peers;
