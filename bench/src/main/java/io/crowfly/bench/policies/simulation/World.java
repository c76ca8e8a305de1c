package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.Request;
import io.crowfly.bench.policies.scenario.Event;
import io.crowfly.bench.policies.scenario.Scenario;

/** What the edges of one run share: time, luck and the backends. */
final class World {

    final Scenario scenario;
    final Workload workload;
    final Clock clock = new Clock();
    final Noise noise;
    final Server[] servers;
    final Tally tally;

    /** Requests that aren't over, at all edges. */
    int open;

    World(Scenario scenario, Workload workload) {
        this.scenario = scenario;
        this.workload = workload;
        this.noise = new Noise(scenario.seed());
        this.servers = new Server[scenario.backends().size()];
        for (int b = 0; b < servers.length; b++) {
            servers[b] = new Server(b, scenario);
            servers[b].refresh(0);
        }
        this.tally = new Tally(scenario);
        scenario.events().forEach(this::schedule);
    }

    private void schedule(Event event) {
        Server server = servers[event.backend()];
        Runnable refresh = () -> server.refresh(clock.nanoTime());
        clock.at(event.fromNanos(), refresh);
        clock.at(event.toNanos(), refresh);
        if (event.flapNanos() > 0) {
            for (long t = event.fromNanos() + event.flapNanos(); t < event.toNanos(); t += event.flapNanos()) {
                clock.at(t, refresh);
            }
        }
    }

    /** See {@link io.crowfly.bench.policies.policy.Truth}. */
    double expectedNanos(Request request, int group, int backend) {
        long now = clock.nanoTime();
        Server server = servers[backend];
        double answered = server.meanNanos(request, group, now);
        double failing = server.failureShare(now);
        if (failing == 0) {
            return answered;
        }
        double elsewhere = scenario.firstByteTimeoutNanos();
        for (Server other : servers) {
            if (other != server && other.failureShare(now) < 0.5) {
                elsewhere = Math.min(elsewhere, other.meanNanos(request, group, now));
            }
        }
        double failed = server.failureNanos(group, now, scenario.firstByteTimeoutNanos()) + elsewhere;
        return (1 - failing) * answered + failing * failed;
    }
}
