/**
 * The world that the policies are put in: a discrete-event simulation in virtual nanoseconds on one thread. All that happens
 * in a run follows from the scenario, its seed and the policy; what luck a request has at a backend, from the first two.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.policies.simulation;
