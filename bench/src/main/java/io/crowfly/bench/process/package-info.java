/** Child processes of a benchmark: finding, starting and stopping programs, their ports and their resource usage. */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.process;
