/**
 * Policies for backend selection, and the interfaces through which they observe the simulation. Each policy is in its
 * own file, as it was published; {@link io.crowfly.bench.policies.policy.Policies} lists them.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.policies.policy;
