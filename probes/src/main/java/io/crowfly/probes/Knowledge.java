package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Probe;

/**
 * What was learned of one backend; its {@link Standing} is the part of it that others see. An immutable value.
 *
 * @param lastProbe the parts of the last successful probe
 * @param lastProbeEpochMillis when a probe last ended; 0 before the first
 */
record Knowledge(
        Backend backend,
        HealthTracker health,
        LatencyEstimate latency,
        ProbeTimes lastProbe,
        long lastProbeEpochMillis) {

    static Knowledge none(Backend backend) {
        return new Knowledge(backend, HealthTracker.NOT_PROBED, LatencyEstimate.NONE, ProbeTimes.NONE, 0);
    }

    /** A failure leaves the latencies alone: how long it took to fail says nothing of how long an answer takes. */
    Knowledge after(ProbeResult result, long nowNanos, long epochMillis) {
        Probe probe = backend.probe();
        HealthTracker newHealth = health.after(result, probe);
        if (result instanceof ProbeResult.Success success) {
            LatencyEstimate newLatency = latency.after(success.times(), nowNanos, probe.interval());
            return new Knowledge(backend, newHealth, newLatency, success.times(), epochMillis);
        }
        return new Knowledge(backend, newHealth, latency, lastProbe, epochMillis);
    }

    /**
     * What stays true under a changed conf of the same name. Nothing does if the conf now means another endpoint. If it is
     * the same one, its health stays even when the probe asks something else from now on: were it forgotten, editing the
     * probes of all backends would make all of them unknown, and the instance not ready, until the next round. Latencies
     * stay as long as the same kind of probe measures them.
     */
    Knowledge under(Backend changed) {
        if (!sameEndpoint(backend, changed)) {
            return none(changed);
        }
        return backend.probe().kind().equals(changed.probe().kind())
                ? new Knowledge(changed, health, latency, lastProbe, lastProbeEpochMillis)
                : new Knowledge(changed, health, LatencyEstimate.NONE, ProbeTimes.NONE, lastProbeEpochMillis);
    }

    /** The models and the region are only what we say of an endpoint, and the probe is how we look at it. */
    private static boolean sameEndpoint(Backend a, Backend b) {
        return a.name().equals(b.name())
                && a.url().equals(b.url())
                && a.provider().equals(b.provider())
                && a.credential().equals(b.credential())
                && a.ca().equals(b.ca());
    }

    Standing standing() {
        return new Standing(
                backend,
                health.health(),
                health.reason(),
                latency.nanos(),
                latency.times(),
                lastProbe,
                lastProbeEpochMillis);
    }
}
