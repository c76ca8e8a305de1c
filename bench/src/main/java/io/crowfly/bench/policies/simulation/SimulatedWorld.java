package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.SimulatedRequest;
import io.crowfly.bench.policies.policy.TriedBackends;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.scenario.ScenarioEvent;

/** State that all edges of one simulated run share: time, noise and backends. */
final class SimulatedWorld {

    final Scenario scenario;
    final Workload workload;
    final VirtualClock clock = new VirtualClock();
    final Noise noise;
    final SimulatedServer[] servers;
    final RunStatistics statistics;

    /** Number of requests in progress at all edges. */
    int openRequests;

    SimulatedWorld(Scenario scenario, Workload workload) {
        this.scenario = scenario;
        this.workload = workload;
        this.noise = new Noise(scenario.seed());
        this.servers = new SimulatedServer[scenario.backends().size()];
        for (int b = 0; b < servers.length; b++) {
            servers[b] = new SimulatedServer(b, scenario);
            servers[b].refresh(0);
        }
        this.statistics = new RunStatistics(scenario);
        scenario.events().forEach(this::schedule);
    }

    private void schedule(ScenarioEvent event) {
        SimulatedServer server = servers[event.backend()];
        Runnable refresh = () -> server.refresh(clock.nanoTime());
        clock.scheduleAt(event.fromNanos(), refresh);
        clock.scheduleAt(event.toNanos(), refresh);
        if (event.flapNanos() > 0) {
            for (long t = event.fromNanos() + event.flapNanos(); t < event.toNanos(); t += event.flapNanos()) {
                clock.scheduleAt(t, refresh);
            }
        }
    }

    /** Implements {@link io.crowfly.bench.policies.policy.ExpectedLatency} for the edges of a group. */
    double expectedNanos(SimulatedRequest request, int group, int backend, TriedBackends tried) {
        long now = clock.nanoTime();
        SimulatedServer server = servers[backend];
        double successNanos = server.meanNanos(request, group, now);
        double failureShare = server.failureShare(now);
        if (failureShare == 0) {
            return successNanos;
        }
        double elsewhere = scenario.firstByteTimeoutNanos();
        for (SimulatedServer other : servers) {
            if (other != server && !tried.has(other.index) && other.failureShare(now) < 0.5) {
                elsewhere = Math.min(elsewhere, other.meanNanos(request, group, now));
            }
        }
        double failureNanos = server.failureNanos(group, now, scenario.firstByteTimeoutNanos()) + elsewhere;
        return (1 - failureShare) * successNanos + failureShare * failureNanos;
    }
}
