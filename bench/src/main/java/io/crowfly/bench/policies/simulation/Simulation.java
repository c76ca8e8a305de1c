package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.EdgeEnvironment;
import io.crowfly.bench.policies.policy.ExpectedLatency;
import io.crowfly.bench.policies.policy.LoadReports;
import io.crowfly.bench.policies.policy.Policies.NamedPolicy;
import io.crowfly.bench.policies.policy.SelectionPolicy;
import io.crowfly.bench.policies.policy.SimulatedRequest;
import io.crowfly.bench.policies.policy.TriedBackends;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.conf.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Run of one scenario under one policy in the policy simulator. */
public final class Simulation {

    private final SimulatedWorld world;
    private final List<SimulatedEdge> edges = new ArrayList<>();

    private Simulation(SimulatedWorld world, NamedPolicy policy) {
        this.world = world;
        Scenario scenario = world.scenario;
        List<Backend> backends = ConfBackends.of(scenario);
        List<String> models =
                scenario.models().stream().map(Scenario.Model::name).toList();
        SplittableRandom seeds = new SplittableRandom(scenario.seed());
        for (int group = 0; group < scenario.edges().size(); group++) {
            for (int i = 0; i < scenario.edges().get(group).count(); i++) {
                int index = edges.size();
                SelectionPolicy policyOfEdge = policy.factory()
                        .apply(new EdgeEnvironment(
                                index,
                                backends,
                                scenario.goal(),
                                models,
                                new SimulatedProber(world, index, group, backends),
                                world.clock,
                                seeds.split(),
                                loadReports(group),
                                expectedLatency(group)));
                edges.add(new SimulatedEdge(index, group, policyOfEdge));
            }
        }
        if (world.presentCount() < backends.size()) {
            reload();
        }
        world.onReload(this::reload);
    }

    private void reload() {
        List<Integer> present = world.present();
        edges.forEach(edge -> edge.policy().backendsChanged(present));
    }

    /** @param workload the requests of this scenario, the same for all policies */
    public static RunResult run(Scenario scenario, Workload workload, NamedPolicy policy) {
        Simulation simulation = new Simulation(new SimulatedWorld(scenario, workload), policy);
        simulation.run();
        return simulation.world.statistics.toResult(scenario, policy.name(), workload.size());
    }

    private void run() {
        VirtualClock clock = world.clock;
        int next = 0;
        while (next < world.workload.size() || world.openRequests > 0) {
            if (next < world.workload.size() && world.workload.atNanos(next) <= clock.nextNanos()) {
                clock.advance(world.workload.atNanos(next));
                new SimulatedExchange(world, edges.get(world.workload.edge(next)), next).start();
                next++;
            } else {
                clock.runNext();
            }
        }
    }

    private ExpectedLatency expectedLatency(int group) {
        return new ExpectedLatency() {
            @Override
            public double expectedNanos(SimulatedRequest request, int backend, TriedBackends tried) {
                return world.expectedNanos(request, group, backend, tried);
            }

            @Override
            public int highestTier(SimulatedRequest request, TriedBackends tried) {
                return world.highestTier(request, group, tried);
            }
        };
    }

    private LoadReports loadReports(int group) {
        return (backend, whenReceived) -> {
            SimulatedServer server = world.servers[backend];
            double rtt = server.rttNanos(group);
            world.clock.schedule((long) (rtt / 2), () -> {
                if (server.refusing()) {
                    return;
                }
                int inFlight = server.inFlight(world.clock.nanoTime());
                double latency = rtt + world.statistics.latencyReport(backend).latencyNanos(inFlight + 1);
                LoadReports.LoadReport report = new LoadReports.LoadReport(inFlight, latency);
                world.clock.schedule((long) (rtt / 2), () -> whenReceived.accept(report));
            });
        };
    }
}
