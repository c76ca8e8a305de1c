/** {@code bench decision}: the cost of a decision for its event loop, and the cost of planning. */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.decision;
