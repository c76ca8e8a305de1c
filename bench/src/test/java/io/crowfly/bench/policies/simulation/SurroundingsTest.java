package io.crowfly.bench.policies.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.policies.TestScenarios;
import io.crowfly.bench.policies.policy.Policies.Named;
import io.crowfly.bench.policies.policy.Policy;
import io.crowfly.bench.policies.policy.Request;
import io.crowfly.bench.policies.policy.Surroundings;
import io.crowfly.bench.policies.policy.Tried;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.probes.Probes;
import io.crowfly.probes.Standing;
import io.crowfly.probes.Standing.Health;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That what runs in the balancer runs here. */
class SurroundingsTest {

    /** Goes by the balancer's own probes. */
    private static final class ByRanking implements Policy {
        final Probes probes;
        final List<Health> healthOfA = new ArrayList<>();
        private final Surroundings surroundings;

        ByRanking(Surroundings surroundings) {
            this.surroundings = surroundings;
            this.probes = new Probes(
                    surroundings.prober(),
                    surroundings.timeline(),
                    surroundings.random(),
                    ranking -> {},
                    (backend, result) -> {});
            probes.update(surroundings.backends());
        }

        @Override
        public int choose(Request request, Tried tried, long nowNanos) {
            List<Standing> standings = probes.ranking().standings();
            standings.stream()
                    .filter(standing -> standing.backend().name().equals("a"))
                    .forEach(standing -> healthOfA.add(standing.health()));
            return standings.stream()
                    .map(standing -> surroundings.backends().indexOf(standing.backend()))
                    .filter(backend -> !tried.has(backend))
                    .findFirst()
                    .orElse(NONE);
        }
    }

    @Test
    void theBalancersOwnProbesLearnOfTheSimulatedBackends() {
        Scenario scenario = TestScenarios.of(
                TestScenarios.yaml("constant, rate: 1", "events:", "  - {backend: a, at: 5s, for: 10s, outage: true}"));
        List<ByRanking> made = new ArrayList<>();

        Run run = Simulation.run(scenario, Workload.of(scenario), new Named("ranking", surroundings -> {
            made.add(new ByRanking(surroundings));
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
