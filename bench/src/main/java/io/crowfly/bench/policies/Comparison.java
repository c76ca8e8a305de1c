package io.crowfly.bench.policies;

import io.crowfly.bench.policies.policy.Policies.Named;
import io.crowfly.bench.policies.report.Figures;
import io.crowfly.bench.policies.report.Results;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.simulation.Simulation;
import io.crowfly.bench.policies.simulation.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs every policy in every scenario, each run on one thread, as many at once as there are processors. */
final class Comparison {

    private Comparison() {}

    static List<Results> run(List<Scenario> scenarios, List<Named> policies) throws InterruptedException {
        ExecutorService processors =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            List<List<Future<Figures>>> pending = new ArrayList<>();
            for (Scenario scenario : scenarios) {
                Workload workload = Workload.of(scenario);
                pending.add(policies.stream()
                        .map(policy -> processors.submit(() -> Figures.of(Simulation.run(scenario, workload, policy))))
                        .toList());
            }
            List<Results> results = new ArrayList<>();
            for (int i = 0; i < scenarios.size(); i++) {
                List<Figures> figures = new ArrayList<>();
                for (Future<Figures> one : pending.get(i)) {
                    figures.add(result(one));
                }
                results.add(new Results(scenarios.get(i), figures));
            }
            return results;
        } finally {
            processors.shutdownNow();
        }
    }

    private static Figures result(Future<Figures> run) throws InterruptedException {
        try {
            return run.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a run broke off", e.getCause());
        }
    }
}
