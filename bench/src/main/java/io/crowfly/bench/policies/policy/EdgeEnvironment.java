package io.crowfly.bench.policies.policy;

import io.crowfly.conf.Backend;
import io.crowfly.probes.Prober;
import io.crowfly.probes.Scheduler;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The environment of one edge's policy.
 *
 * @param edge number of the edge, from 0
 * @param backends the backends, each with the scenario's probe
 * @param models names of the models, in the order of {@link SimulatedRequest#modelIndex}
 * @param prober sends probes of the scenario's kind from this edge; results are delivered by the scheduler
 * @param scheduler virtual time; tasks run between the requests
 * @param random seeded, separate for each edge
 * @param loadReports for Prequal only
 * @param expectedLatency for the oracle only
 */
public record EdgeEnvironment(
        int edge,
        List<Backend> backends,
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
