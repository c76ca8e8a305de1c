/**
 * Benchmark {@code bench soak}: mixed load for a long time, with reloads, killed backends and slow readers. Checks that
 * no request fails without a reason and that memory does not grow.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.soak;
