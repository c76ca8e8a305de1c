/** Benchmarks that check claims; the result is a page and an exit code. */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.proof;
