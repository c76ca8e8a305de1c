package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.scenario.Scenario.ProbeKind;
import io.crowfly.conf.Backend;
import io.crowfly.probes.ProbeResult;
import io.crowfly.probes.ProbeTimes;
import io.crowfly.probes.Prober;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Probes of one edge. One over HTTP reaches the front door and no further: a round trip, and blind to how the model fares.
 * One for inference asks the model for one token and meets what a small request meets. Neither takes room at the backend.
 */
final class SimulatedProber implements Prober {

    /** Probes have noise of their own, which no request shares. */
    private static final long FIRST_KEY = 1L << 40;

    private static final double PROMPT_TOKENS = 8;

    private final World world;
    private final int group;
    private final Map<String, Server> servers = new LinkedHashMap<>();
    private final ProbeKind kind;
    private final long edgeKey;
    private final long[] sent;

    SimulatedProber(World world, int edge, int group, List<Backend> backends) {
        this.world = world;
        this.group = group;
        this.kind = world.scenario.probes();
        this.edgeKey = FIRST_KEY * (edge + 1);
        this.sent = new long[backends.size()];
        for (int b = 0; b < backends.size(); b++) {
            servers.put(backends.get(b).name(), world.servers[b]);
        }
    }

    @Override
    public void probe(Backend backend, Consumer<ProbeResult> whenDone) {
        Server server = servers.get(backend.name());
        if (server == null) {
            throw new IllegalArgumentException("no backend is named " + backend.name());
        }
        long key = edgeKey + sent[server.index]++;
        long sentNanos = world.clock.nanoTime();
        double rtt = server.rttNanos(group, world.noise, key);
        world.clock.schedule((long) (rtt / 2), () -> {
            double took = kind.model().isPresent() ? inference(server, key) : frontDoor(server);
            finish(server, sentNanos, rtt, took, whenDone, key);
        });
    }

    /** NaN if no answer will ever come. */
    private double inference(Server server, long key) {
        long now = world.clock.nanoTime();
        if (server.refusing() || server.errs(world.noise, key)) {
            return 0;
        }
        if (server.hangs(world.noise, key)) {
            return Double.NaN;
        }
        int model = kind.model().orElseThrow();
        return server.serviceNanos(model, PROMPT_TOKENS, server.inFlight(now) + 1, world.noise, key);
    }

    private static double frontDoor(Server server) {
        return server.refusing() ? 0 : Server.FRONT_DOOR_NANOS;
    }

    private void finish(
            Server server, long sentNanos, double rtt, double took, Consumer<ProbeResult> whenDone, long key) {
        long limit = sentNanos + kind.timeoutNanos();
        long heard = Double.isNaN(took) ? Long.MAX_VALUE : world.clock.nanoTime() + (long) (took + rtt / 2);
        if (heard > limit) {
            long at = Math.max(limit, world.clock.nanoTime());
            world.clock.at(at, () -> whenDone.accept(new ProbeResult.Failure("no answer in time")));
            return;
        }
        ProbeResult result;
        if (server.refusing()) {
            result = new ProbeResult.Failure("connection refused");
        } else if (kind.model().isPresent() && server.errs(world.noise, key)) {
            result = new ProbeResult.Failure("status 500");
        } else if (kind.model().isPresent() && server.throttling(world.clock.nanoTime(), world.noise, key)) {
            result = new ProbeResult.Failure("status 429");
        } else {
            result = new ProbeResult.Success(new ProbeTimes(ProbeTimes.ABSENT, ProbeTimes.ABSENT, heard - sentNanos));
        }
        world.clock.at(heard, () -> whenDone.accept(result));
    }
}
