package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.SelectionPolicy;

/**
 * Edge of the policy simulator (a simulated Crowfly instance) with its policy.
 *
 * @param index number of the edge, from 0
 * @param group index of the edge's group in the scenario
 * @param policy the edge's own instance of the policy
 */
record SimulatedEdge(int index, int group, SelectionPolicy policy) {}
