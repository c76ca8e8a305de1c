/** Benchmark {@code bench connections}: the memory of idle and of busy connections, and the time to start. */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.connections;
