/** Benchmarks that prove something: claims that held or didn't, as a page and as an exit code. */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.proof;
