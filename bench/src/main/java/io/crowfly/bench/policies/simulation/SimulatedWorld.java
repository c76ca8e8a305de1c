package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.SimulatedRequest;
import io.crowfly.bench.policies.policy.TriedBackends;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.scenario.ScenarioEvent;
import java.util.Arrays;
import java.util.List;

/** State that all edges of one simulated run share: time, noise and backends. */
final class SimulatedWorld {

    final Scenario scenario;
    final Workload workload;
    final VirtualClock clock = new VirtualClock();
    final Noise noise;
    final SimulatedServer[] servers;
    final RunStatistics statistics;

    /** Bits of the backends that are not in the conf. */
    private long absent;

    private TriedBackends noneTried = new TriedBackends();

    /** Runs when a backend was added to the conf or removed. */
    private Runnable onReload = () -> {};

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
        updateConf();
    }

    /** @param listener runs after each change of {@link #present} */
    void onReload(Runnable listener) {
        onReload = listener;
    }

    private void refresh(SimulatedServer server) {
        server.refresh(clock.nanoTime());
        if (updateConf()) {
            onReload.run();
        }
    }

    private boolean updateConf() {
        long before = absent;
        absent = 0;
        for (SimulatedServer server : servers) {
            absent |= server.absent() ? 1L << server.index : 0;
        }
        noneTried = new TriedBackends(absent);
        return absent != before;
    }

    /** Returns the indices of the backends in the conf. */
    List<Integer> present() {
        return Arrays.stream(servers)
                .filter(server -> !server.absent())
                .map(server -> server.index)
                .toList();
    }

    int presentCount() {
        return servers.length - Long.bitCount(absent);
    }

    /** Returns the set of a new request, which has tried no backend. */
    TriedBackends newTried() {
        return new TriedBackends(absent);
    }

    /** Returns the expected time at the best backend of the preferred tier now, in nanoseconds. */
    double leastExpectedNanos(SimulatedRequest request, int group) {
        return leastExpectedNanos(request, group, noneTried, highestTier(request, group, noneTried));
    }

    private double leastExpectedNanos(SimulatedRequest request, int group, TriedBackends tried, int highestTier) {
        double least = Double.MAX_VALUE;
        for (SimulatedServer server : servers) {
            if (!tried.has(server.index) && server.spec.tier() <= highestTier) {
                least = Math.min(least, expectedNanos(request, group, server.index, tried));
            }
        }
        return least;
    }

    /** Implements {@link io.crowfly.bench.policies.policy.ExpectedLatency#highestTier} for the edges of a group. */
    int highestTier(SimulatedRequest request, int group, TriedBackends tried) {
        if (!scenario.hasTiers()) {
            return Integer.MAX_VALUE;
        }
        double limit = leastExpectedNanos(request, group, tried, Integer.MAX_VALUE)
                + (double) scenario.goal().tierTolerance().nanos();
        int lowest = Integer.MAX_VALUE;
        for (SimulatedServer server : servers) {
            if (!tried.has(server.index)
                    && server.failureShare(request.modelIndex(), clock.nanoTime()) < 0.5
                    && expectedNanos(request, group, server.index, tried) <= limit) {
                lowest = Math.min(lowest, server.spec.tier());
            }
        }
        return lowest;
    }

    /** Returns the expected time to first token of a request that has tried no backend, in nanoseconds. */
    double expectedNanos(SimulatedRequest request, int group, int backend) {
        return expectedNanos(request, group, backend, noneTried);
    }

    private void schedule(ScenarioEvent event) {
        SimulatedServer server = servers[event.backend()];
        Runnable refresh = () -> refresh(server);
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
        double failureShare = server.failureShare(request.modelIndex(), now);
        if (failureShare == 0) {
            return successNanos;
        }
        double elsewhere = scenario.firstByteTimeoutNanos();
        for (SimulatedServer other : servers) {
            if (other != server && !tried.has(other.index) && other.failureShare(request.modelIndex(), now) < 0.5) {
                elsewhere = Math.min(elsewhere, other.meanNanos(request, group, now));
            }
        }
        double failureNanos =
                server.failureNanos(request.modelIndex(), group, now, scenario.firstByteTimeoutNanos()) + elsewhere;
        return (1 - failureShare) * successNanos + failureShare * failureNanos;
    }
}
