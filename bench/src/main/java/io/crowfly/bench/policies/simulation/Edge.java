package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.Policy;

/**
 * One edge and its policy.
 *
 * @param group index of the edge's group in the scenario
 */
record Edge(int index, int group, Policy policy) {}
