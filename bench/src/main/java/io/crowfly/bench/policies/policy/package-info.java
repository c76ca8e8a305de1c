/**
 * Ways to choose a backend, and what the simulated world lets each of them see and hear. Each stands in a file of its own, as
 * it was published; {@link io.crowfly.bench.policies.policy.Policies} lists them.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.policies.policy;
