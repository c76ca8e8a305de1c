/** Load generators and HTTP clients that several benchmarks share. */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.load;
