package io.crowfly.bench.policies.policy;

import io.crowfly.conf.Backend;
import io.crowfly.probes.Prober;
import io.crowfly.probes.Scheduler;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The world as one edge's policy sees it.
 *
 * @param edge from 0
 * @param backends with the scenario's probe in each
 * @param models their names, in the order of {@link Request#modelIndex}
 * @param prober sends probes of the scenario's kind from this edge; its answers come on the timeline
 * @param scheduler virtual time; what is scheduled runs between the requests
 * @param random seeded, this instance's own
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
