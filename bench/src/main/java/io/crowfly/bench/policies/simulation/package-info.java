/**
 * Simulated environment of the policies: a discrete-event simulation in virtual nanoseconds on one thread. A run
 * depends only on the scenario, its seed and the policy. The noise of a request at a backend does not depend on the
 * policy.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.policies.simulation;
