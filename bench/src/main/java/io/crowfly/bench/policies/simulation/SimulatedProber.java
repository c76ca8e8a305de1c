package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.scenario.Scenario.ProbeKind;
import io.crowfly.conf.Backend;
import io.crowfly.probes.ProbeResult;
import io.crowfly.probes.Prober;
import io.crowfly.probes.forecast.ProbeTimes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Prober of one edge in the policy simulator. An HTTP probe reaches only the front end of a backend: it takes a round
 * trip and is independent of the model's state. An inference probe requests one token from the model and takes as long
 * as a small request. Neither counts as load of the backend.
 */
final class SimulatedProber implements Prober {

    /**
     * First noise key of probes. It is above the ids of all requests, so that probes and requests do not share noise.
     */
    private static final long FIRST_KEY = 1L << 40;

    private static final double PROMPT_TOKENS = 8;

    private final SimulatedWorld world;
    private final int group;
    private final Map<String, SimulatedServer> servers = new LinkedHashMap<>();
    private final ProbeKind kind;
    private final long edgeKey;
    private final long[] sent;

    SimulatedProber(SimulatedWorld world, int edge, int group, List<Backend> backends) {
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
        SimulatedServer server = servers.get(backend.name());
        if (server == null) {
            throw new IllegalArgumentException("no backend is named " + backend.name());
        }
        long key = edgeKey + sent[server.index]++;
        long sentNanos = world.clock.nanoTime();
        double rtt = server.rttNanos(group, world.noise, key);
        world.clock.schedule((long) (rtt / 2), () -> {
            double serverNanos = kind.model().isPresent() ? inferenceNanos(server, key) : frontDoorNanos(server);
            finish(server, sentNanos, rtt, serverNanos, whenDone, key);
        });
    }

    /** Returns the server's time for an inference probe, in nanoseconds; NaN if the probe gets no response. */
    private double inferenceNanos(SimulatedServer server, long key) {
        long now = world.clock.nanoTime();
        if (server.refusing() || server.failsWithError(kind.model().orElseThrow(), world.noise, key)) {
            return 0;
        }
        if (server.hangs(world.noise, key)) {
            return Double.NaN;
        }
        int model = kind.model().orElseThrow();
        double service = server.serviceNanos(model, PROMPT_TOKENS, server.inFlight(now) + 1, world.noise, key);
        return service + server.heldNanos(now + (long) service);
    }

    private static double frontDoorNanos(SimulatedServer server) {
        return server.refusing() ? 0 : SimulatedServer.FRONT_DOOR_NANOS;
    }

    private void finish(
            SimulatedServer server,
            long sentNanos,
            double rtt,
            double serverNanos,
            Consumer<ProbeResult> whenDone,
            long key) {
        long limit = sentNanos + kind.timeoutNanos();
        long receivedNanos =
                Double.isNaN(serverNanos) ? Long.MAX_VALUE : world.clock.nanoTime() + (long) (serverNanos + rtt / 2);
        if (receivedNanos > limit) {
            long at = Math.max(limit, world.clock.nanoTime());
            world.clock.scheduleAt(at, () -> whenDone.accept(new ProbeResult.Failure("no response in time")));
            return;
        }
        ProbeResult result;
        if (server.refusing()) {
            result = new ProbeResult.Failure("connection refused");
        } else if (kind.model().isPresent()
                && server.failsWithError(kind.model().get(), world.noise, key)) {
            result = new ProbeResult.Failure("status 500", ProbeResult.Cause.MODEL);
        } else if (kind.model().isPresent() && server.throttling(world.clock.nanoTime(), world.noise, key)) {
            result = new ProbeResult.Failure("status 429");
        } else {
            result = new ProbeResult.Success(
                    new ProbeTimes(ProbeTimes.ABSENT, ProbeTimes.ABSENT, receivedNanos - sentNanos));
        }
        world.clock.scheduleAt(receivedNanos, () -> whenDone.accept(result));
    }
}
