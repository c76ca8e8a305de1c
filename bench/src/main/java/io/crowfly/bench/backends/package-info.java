/** Benchmark {@code bench backends}: the cost of a request among many backends. */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.backends;
