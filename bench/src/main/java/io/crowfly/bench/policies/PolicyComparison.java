package io.crowfly.bench.policies;

import io.crowfly.bench.policies.policy.Policies.NamedPolicy;
import io.crowfly.bench.policies.report.Figures;
import io.crowfly.bench.policies.report.ScenarioResults;
import io.crowfly.bench.policies.report.TimeSeries;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.simulation.RunResult;
import io.crowfly.bench.policies.simulation.Simulation;
import io.crowfly.bench.policies.simulation.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Comparison of {@code bench policies}: simulates every policy in every scenario. Each run uses one thread; there are
 * as many threads as processors.
 */
final class PolicyComparison {

    private PolicyComparison() {}

    private record Outcome(Figures figures, TimeSeries series) {

        static Outcome of(RunResult run) {
            return new Outcome(Figures.of(run), TimeSeries.of(run));
        }
    }

    /**
     * Workload of one scenario, drawn by the first run that needs it. Drawn earlier, the workloads of many scenarios
     * and seeds would be in memory at the same time.
     */
    private static final class SharedWorkload {

        private final Scenario scenario;
        private @Nullable Workload workload;

        SharedWorkload(Scenario scenario) {
            this.scenario = scenario;
        }

        synchronized Workload get() {
            if (workload == null) {
                workload = Workload.of(scenario);
            }
            return workload;
        }
    }

    static List<ScenarioResults> run(List<Scenario> scenarios, List<NamedPolicy> policies) throws InterruptedException {
        ExecutorService processors =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            List<List<Future<Outcome>>> pending = new ArrayList<>();
            for (Scenario scenario : scenarios) {
                SharedWorkload workload = new SharedWorkload(scenario);
                pending.add(policies.stream()
                        .map(policy ->
                                processors.submit(() -> Outcome.of(Simulation.run(scenario, workload.get(), policy))))
                        .toList());
            }
            List<ScenarioResults> results = new ArrayList<>();
            for (int i = 0; i < scenarios.size(); i++) {
                List<Outcome> outcomes = new ArrayList<>();
                for (Future<Outcome> future : pending.get(i)) {
                    outcomes.add(result(future));
                }
                results.add(new ScenarioResults(
                        scenarios.get(i),
                        outcomes.stream().map(Outcome::figures).toList(),
                        outcomes.stream().map(Outcome::series).toList()));
            }
            return results;
        } finally {
            processors.shutdownNow();
        }
    }

    private static Outcome result(Future<Outcome> run) throws InterruptedException {
        try {
            return run.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a simulation run failed", e.getCause());
        }
    }
}
