package io.crowfly.bench.policies.policy;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Probe;
import io.crowfly.probes.ProbeResult;
import java.util.Arrays;

/**
 * The healthy backend whose probes come back soonest, and the next one after a failure: what Crowfly did before it learned from
 * the requests themselves. A latency jumps to each peak and sinks back with a time constant of three probe intervals; health
 * goes by rise and fall. Written down here as it was, since what it was made of goes on changing.
 */
final class ProbesOnly implements Policy {

    private static final double TIME_CONSTANT_INTERVALS = 3;

    /** A probe comes up to this share of the interval sooner or later than it should. */
    private static final double JITTER = 0.1;

    private final Surroundings surroundings;
    private final Watched[] watched;

    private static final class Watched {
        double latencyNanos = Double.MAX_VALUE;
        long probedNanos;
        boolean healthy;
        int passes;
        int failures;
    }

    ProbesOnly(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.watched = new Watched[surroundings.count()];
        Arrays.setAll(watched, backend -> new Watched());
        for (int b = 0; b < watched.length; b++) {
            int backend = b;
            surroundings.timeline().schedule(0, () -> probe(backend));
        }
    }

    private void probe(int index) {
        Backend backend = surroundings.backends().get(index);
        long begun = surroundings.timeline().nanoTime();
        surroundings.prober().probe(backend, result -> {
            hear(watched[index], backend.probe(), result);
            double jitter = 1 + JITTER * (2 * surroundings.random().nextDouble() - 1);
            long next = begun + (long) (backend.probe().interval().toNanos() * jitter);
            surroundings.timeline().schedule(next - surroundings.timeline().nanoTime(), () -> probe(index));
        });
    }

    private void hear(Watched one, Probe probe, ProbeResult result) {
        boolean first = one.passes + one.failures == 0;
        if (result instanceof ProbeResult.Success success) {
            one.passes++;
            one.failures = 0;
            one.healthy = one.healthy || first || one.passes >= probe.healthyAfter();
            observe(one, probe, success.times().firstByteNanos());
        } else {
            one.failures++;
            one.passes = 0;
            one.healthy = one.healthy && one.failures < probe.unhealthyAfter();
        }
    }

    private void observe(Watched one, Probe probe, double sampleNanos) {
        long now = surroundings.timeline().nanoTime();
        double constant = TIME_CONSTANT_INTERVALS * probe.interval().toNanos();
        double stays = StrictMath.exp(-(now - one.probedNanos) / constant);
        boolean believed = sampleNanos >= one.latencyNanos || one.latencyNanos == Double.MAX_VALUE;
        one.latencyNanos = believed ? sampleNanos : sampleNanos + stays * (one.latencyNanos - sampleNanos);
        one.probedNanos = now;
    }

    @Override
    public int choose(Request request, Tried tried, long nowNanos) {
        int best = NONE;
        for (int b = 0; b < watched.length; b++) {
            if (!tried.has(b) && (best == NONE || before(watched[b], watched[best]))) {
                best = b;
            }
        }
        return best;
    }

    /** One that isn't healthy goes last rather than nowhere. */
    private static boolean before(Watched a, Watched b) {
        return a.healthy == b.healthy ? a.latencyNanos < b.latencyNanos : a.healthy;
    }
}
