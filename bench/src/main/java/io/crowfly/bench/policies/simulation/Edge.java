package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.Policy;

/** One edge and its policy. @param group of edges, by its place in the scenario */
record Edge(int index, int group, Policy policy) {}
