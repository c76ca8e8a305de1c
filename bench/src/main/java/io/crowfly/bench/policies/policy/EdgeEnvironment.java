package io.crowfly.bench.policies.policy;

import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.conf.Backend;
import io.crowfly.probes.Prober;
import io.crowfly.probes.Scheduler;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Everything that one edge (a simulated Crowfly instance) gives its policy in the policy simulator.
 *
 * @param edge number of the edge, from 0
 * @param backends the backends, each with the scenario's probe
 * @param goal the scenario's settings of routing
 * @param models names of the models, in the order of {@link SimulatedRequest#modelIndex}
 * @param prober sends probes of the scenario's kind from this edge; the scheduler delivers their results
 * @param scheduler virtual time; it runs tasks between the requests
 * @param random seeded, separate for each edge
 * @param loadReports for Prequal only
 * @param expectedLatency for the oracle only
 */
public record EdgeEnvironment(
        int edge,
        List<Backend> backends,
        Scenario.Goal goal,
        List<String> models,
        Prober prober,
        Scheduler scheduler,
        RandomGenerator random,
        LoadReports loadReports,
        ExpectedLatency expectedLatency) {

    public int count() {
        return backends.size();
    }
}
