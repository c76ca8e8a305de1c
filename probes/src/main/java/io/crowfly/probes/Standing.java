package io.crowfly.probes;

import io.crowfly.conf.Backend;

/**
 * What is known of one backend as of the ranking's publication.
 *
 * @param reason why the health is as it is, in a few words for operators
 * @param latencyNanos the estimate by which backends are ranked: of the first byte where probes have one, otherwise of
 *     connect and handshake; {@link ProbeTimes#ABSENT} before the first success. Different kinds of probe measure different
 *     things: compare backends that are probed alike
 * @param estimate the estimate of each part
 * @param lastProbe the parts of the last successful probe
 * @param lastProbeEpochMillis when a probe last ended; 0 before the first
 */
public record Standing(
        Backend backend,
        Health health,
        String reason,
        long latencyNanos,
        ProbeTimes estimate,
        ProbeTimes lastProbe,
        long lastProbeEpochMillis) {

    /** Ordered by preference. */
    public enum Health {
        HEALTHY,
        /** No probe has ended yet: worth a try when nobody better is there. */
        UNKNOWN,
        UNHEALTHY
    }
}
