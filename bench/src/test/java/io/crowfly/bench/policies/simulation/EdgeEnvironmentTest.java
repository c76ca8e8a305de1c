package io.crowfly.bench.policies.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.policies.TestScenarios;
import io.crowfly.bench.policies.policy.EdgeEnvironment;
import io.crowfly.bench.policies.policy.Policies.NamedPolicy;
import io.crowfly.bench.policies.policy.SelectionPolicy;
import io.crowfly.bench.policies.policy.SimulatedRequest;
import io.crowfly.bench.policies.policy.TriedBackends;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.Probes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks that the balancer's probes run in the simulation. */
class EdgeEnvironmentTest {

    /** A policy that uses the ranking of the balancer's probes. */
    private static final class ByRanking implements SelectionPolicy {
        final Probes probes;
        final List<Health> healthOfA = new ArrayList<>();
        private final EdgeEnvironment environment;

        ByRanking(EdgeEnvironment environment) {
            this.environment = environment;
            this.probes = new Probes(
                    environment.prober(),
                    environment.scheduler(),
                    environment.random(),
                    ranking -> {},
                    (backend, result) -> {});
            probes.update(environment.backends());
        }

        @Override
        public int choose(SimulatedRequest request, TriedBackends tried, long nowNanos) {
            List<BackendSnapshot> snapshots = probes.ranking().snapshots();
            snapshots.stream()
                    .filter(snapshot -> snapshot.backend().name().equals("a"))
                    .forEach(snapshot -> healthOfA.add(snapshot.health()));
            return snapshots.stream()
                    .map(snapshot -> environment.backends().indexOf(snapshot.backend()))
                    .filter(backend -> !tried.has(backend))
                    .findFirst()
                    .orElse(NONE);
        }
    }

    @Test
    void theBalancersProbesMeasureTheSimulatedBackends() {
        Scenario scenario = TestScenarios.of(
                TestScenarios.yaml("constant, rate: 1", "events:", "  - {backend: a, at: 5s, for: 10s, outage: true}"));
        List<ByRanking> made = new ArrayList<>();

        RunResult run = Simulation.run(scenario, Workload.of(scenario), new NamedPolicy("ranking", environment -> {
            made.add(new ByRanking(environment));
            return made.get(0);
        }));

        assertThat(made.get(0).healthOfA)
                .startsWith(Health.UNKNOWN, Health.HEALTHY)
                .contains(Health.UNHEALTHY)
                .endsWith(Health.HEALTHY);
        assertThat(run.choiceBackend()[3]).isZero();
        assertThat(run.choiceBackend()[12]).isEqualTo((byte) 1);
        assertThat(run.choiceBackend()[19]).isZero();
    }
}
