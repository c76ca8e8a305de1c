package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.SelectionPolicy;

/**
 * One edge and its policy.
 *
 * @param group index of the edge's group in the scenario
 */
record SimulatedEdge(int index, int group, SelectionPolicy policy) {}
