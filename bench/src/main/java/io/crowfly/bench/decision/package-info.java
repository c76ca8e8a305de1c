/**
 * {@code crowfly bench decision}: measures the cost of one backend selection on the event loop, and the cost of
 * planning on the control thread.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.decision;
