/** Load generators and clients that several benchmarks use. */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.load;
