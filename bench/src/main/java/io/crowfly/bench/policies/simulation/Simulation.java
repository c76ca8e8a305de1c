package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.Policies.Named;
import io.crowfly.bench.policies.policy.Policy;
import io.crowfly.bench.policies.policy.Reports;
import io.crowfly.bench.policies.policy.Surroundings;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.conf.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Runs one scenario under one policy. */
public final class Simulation {

    private final World world;
    private final List<Edge> edges = new ArrayList<>();

    private Simulation(World world, Named policy) {
        this.world = world;
        Scenario scenario = world.scenario;
        List<Backend> backends = ConfBackends.of(scenario);
        List<String> models =
                scenario.models().stream().map(Scenario.Model::name).toList();
        SplittableRandom seeds = new SplittableRandom(scenario.seed());
        for (int group = 0; group < scenario.edges().size(); group++) {
            for (int i = 0; i < scenario.edges().get(group).count(); i++) {
                int index = edges.size();
                int groupOfEdge = group;
                Policy its = policy.factory()
                        .apply(new Surroundings(
                                index,
                                backends,
                                models,
                                new SimulatedProber(world, index, group, backends),
                                world.clock,
                                seeds.split(),
                                reports(groupOfEdge),
                                (request, backend) -> world.expectedNanos(request, groupOfEdge, backend)));
                edges.add(new Edge(index, group, its));
            }
        }
    }

    /** @param workload of this very scenario */
    public static Run run(Scenario scenario, Workload workload, Named policy) {
        Simulation simulation = new Simulation(new World(scenario, workload), policy);
        simulation.run();
        return simulation.world.tally.run(scenario, policy.name(), workload.size());
    }

    private void run() {
        Clock clock = world.clock;
        int next = 0;
        while (next < world.workload.size() || world.open > 0) {
            if (next < world.workload.size() && world.workload.atNanos(next) <= clock.next()) {
                clock.advance(world.workload.atNanos(next));
                new Exchange(world, edges.get(world.workload.edge(next)), next).run();
                next++;
            } else {
                clock.step();
            }
        }
    }

    private Reports reports(int group) {
        return (backend, whenHeard) -> {
            Server server = world.servers[backend];
            double rtt = server.rttNanos(group);
            world.clock.schedule((long) (rtt / 2), () -> {
                if (server.refusing()) {
                    return;
                }
                int inFlight = server.inFlight(world.clock.nanoTime());
                double latency = rtt + world.tally.sight(backend).latencyNanos(inFlight + 1);
                Reports.Report report = new Reports.Report(inFlight, latency);
                world.clock.schedule((long) (rtt / 2), () -> whenHeard.accept(report));
            });
        };
    }
}
