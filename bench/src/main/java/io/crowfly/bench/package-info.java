/**
 * The benchmarks, the simulated endpoints and the demo. The command line of this module is
 * {@link io.crowfly.bench.Main}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench;
