package io.crowfly.bench.policies.policy;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Probe;
import io.crowfly.probes.ProbeResult;
import java.util.Arrays;

/**
 * Policy that selects the healthy backend with the fastest probes, and the next one after a failure, as Crowfly did
 * before it used live requests. The latency rises to each peak at once and decays with a time constant of three probe
 * intervals. Health follows {@code healthy-after} and {@code unhealthy-after}. The code is a copy, so that changes of
 * Crowfly do not change this policy.
 */
final class ProbesOnly implements SelectionPolicy {

    private static final double TIME_CONSTANT_INTERVALS = 3;

    /** Share of the interval by which a probe is randomly earlier or later. */
    private static final double JITTER = 0.1;

    private final EdgeEnvironment environment;
    private final ProbeState[] states;

    private static final class ProbeState {
        double latencyNanos = Double.MAX_VALUE;
        long probedNanos;
        boolean healthy;
        int passes;
        int failures;
    }

    ProbesOnly(EdgeEnvironment environment) {
        this.environment = environment;
        this.states = new ProbeState[environment.count()];
        Arrays.setAll(states, backend -> new ProbeState());
        for (int b = 0; b < states.length; b++) {
            int backend = b;
            environment.scheduler().schedule(0, () -> probe(backend));
        }
    }

    private void probe(int index) {
        Backend backend = environment.backends().get(index);
        long startedNanos = environment.scheduler().nanoTime();
        environment.prober().probe(backend, result -> {
            update(states[index], backend.probe(), result);
            double jitter = 1 + JITTER * (2 * environment.random().nextDouble() - 1);
            long next = startedNanos + (long) (backend.probe().interval().toNanos() * jitter);
            environment.scheduler().schedule(next - environment.scheduler().nanoTime(), () -> probe(index));
        });
    }

    private void update(ProbeState state, Probe probe, ProbeResult result) {
        boolean first = state.passes + state.failures == 0;
        if (result instanceof ProbeResult.Success success) {
            state.passes++;
            state.failures = 0;
            state.healthy = state.healthy || first || state.passes >= probe.healthyAfter();
            observe(state, probe, success.times().firstByteNanos());
        } else {
            state.failures++;
            state.passes = 0;
            state.healthy = state.healthy && state.failures < probe.unhealthyAfter();
        }
    }

    private void observe(ProbeState state, Probe probe, double sampleNanos) {
        long now = environment.scheduler().nanoTime();
        double constant = TIME_CONSTANT_INTERVALS * probe.interval().toNanos();
        double retained = StrictMath.exp(-(now - state.probedNanos) / constant);
        boolean isPeak = sampleNanos >= state.latencyNanos || state.latencyNanos == Double.MAX_VALUE;
        state.latencyNanos = isPeak ? sampleNanos : sampleNanos + retained * (state.latencyNanos - sampleNanos);
        state.probedNanos = now;
    }

    @Override
    public int choose(SimulatedRequest request, TriedBackends tried, long nowNanos) {
        int best = NONE;
        for (int b = 0; b < states.length; b++) {
            if (!tried.has(b) && (best == NONE || before(states[b], states[best]))) {
                best = b;
            }
        }
        return best;
    }

    /**
     * Returns whether backend {@code a} is preferred to {@code b}. Unhealthy backends are last, but remain selectable.
     */
    private static boolean before(ProbeState a, ProbeState b) {
        return a.healthy == b.healthy ? a.latencyNanos < b.latencyNanos : a.healthy;
    }
}
