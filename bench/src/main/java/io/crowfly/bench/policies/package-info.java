/**
 * {@code crowfly bench policies}, the policy simulator: every policy for backend selection runs in the same scenarios
 * with the same random noise, and a page compares the results. {@code policy} has the policies, {@code scenario} the
 * scenario files, {@code simulation} the simulated edges and backends, {@code report} the figures and pages.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.policies;
