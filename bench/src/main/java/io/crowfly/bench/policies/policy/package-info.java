/**
 * Policies for backend selection, and the interfaces through which they observe the simulation. Each policy has its own
 * file, which names its source; {@link io.crowfly.bench.policies.policy.Policies} lists them.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.policies.policy;
