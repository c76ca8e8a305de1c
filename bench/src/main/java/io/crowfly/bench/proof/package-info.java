/** Frame of the benchmarks that check claims: a command runs one, writes its page and sets the exit code. */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.proof;
