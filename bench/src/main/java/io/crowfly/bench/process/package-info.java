/**
 * The processes that a benchmark runs beside its own: finding programs, starting and stopping them, the ports they get and
 * what they use.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.process;
