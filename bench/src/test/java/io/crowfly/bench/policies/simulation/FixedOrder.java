package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.TestScenarios;
import io.crowfly.bench.policies.policy.EdgeEnvironment;
import io.crowfly.bench.policies.policy.Policies.NamedPolicy;
import io.crowfly.bench.policies.policy.SelectionPolicy;
import io.crowfly.bench.policies.policy.SimulatedAttempt;
import io.crowfly.bench.policies.policy.SimulatedFailure;
import io.crowfly.bench.policies.policy.SimulatedRequest;
import io.crowfly.bench.policies.policy.TriedBackends;
import io.crowfly.bench.policies.scenario.Scenario;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A policy that selects the backends in this order, the next one after each failure, and records its observations.
 */
class FixedOrder implements SelectionPolicy {
    final int[] order;
    final Map<Long, Long> ttft = new LinkedHashMap<>();
    final List<SimulatedFailure> failures = new ArrayList<>();
    final List<Long> ended = new ArrayList<>();

    FixedOrder(int... order) {
        this.order = order;
    }

    @Override
    public int choose(SimulatedRequest request, TriedBackends tried, long nowNanos) {
        return order[tried.count()];
    }

    @Override
    public void firstToken(SimulatedAttempt attempt, long serverNanos, long nowNanos) {
        ttft.put(attempt.request().id(), nowNanos - attempt.sentNanos());
    }

    @Override
    public void completed(SimulatedAttempt attempt, int outputTokens, long nowNanos) {
        ended.add(nowNanos - attempt.sentNanos());
    }

    @Override
    public void failed(SimulatedAttempt attempt, SimulatedFailure failure, long nowNanos) {
        failures.add(failure);
    }

    /** A round trip of 10 ms, 100 ms to the first token and 10 ms for a prompt of 100 tokens. */
    static final double TTFT_AT_A = 120e6;

    static final double TTFT_AT_B = 230e6;

    /** Simulates a policy in the scenario of a file. */
    static RunResult run(String yaml, Function<EdgeEnvironment, SelectionPolicy> policy) {
        Scenario scenario = TestScenarios.of(yaml);
        return Simulation.run(scenario, Workload.of(scenario), new NamedPolicy("test", policy));
    }
}
