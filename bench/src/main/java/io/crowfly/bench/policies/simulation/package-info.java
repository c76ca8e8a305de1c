/**
 * The simulated environment of the policies: a discrete-event simulation in virtual nanoseconds on one thread. A run
 * depends only on the scenario, its seed and the policy; the noise of a request at a backend only on the first two.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.policies.simulation;
