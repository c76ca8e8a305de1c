/** {@code bench decision}: what a decision costs the loop that takes it, and what planning ahead costs. */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.decision;
