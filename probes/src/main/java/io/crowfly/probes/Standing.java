package io.crowfly.probes;

import io.crowfly.conf.Backend;
import java.util.Map;

/**
 * What is known of one backend as of the ranking's publication.
 *
 * @param health from probes, and from live requests: one that they have ejected is unhealthy
 * @param reason why the health is as it is, in a few words for operators
 * @param ejected whether live requests have put it out, whatever its probes say
 * @param unauthorized whether it was last ejected for our credential and has not taken it since; only people can mend that
 * @param latencyNanos the figure by which backends are listed: the median time to the first token for the class of requests
 *     that it got most of; before it got any, the probes' first byte, or connect and handshake where they have none; {@link
 *     ProbeTimes#ABSENT} before the first success
 * @param estimate from probes, of each part
 * @param lastProbe the parts of the last successful probe
 * @param lastProbeEpochMillis when a probe last ended; 0 before the first
 * @param failureShare of its recent live attempts those that failed, from 0 to 1
 * @param outlooks for each class that is known anywhere
 * @param otherwise for every other class
 * @param parked by model: not to be asked for it; empty strings stand for requests that name none
 */
public record Standing(
        Backend backend,
        Health health,
        String reason,
        boolean ejected,
        boolean unauthorized,
        long latencyNanos,
        ProbeTimes estimate,
        ProbeTimes lastProbe,
        long lastProbeEpochMillis,
        double failureShare,
        Map<RequestClass, Outlook> outlooks,
        Outlook otherwise,
        Map<String, Parking> parked) {

    /** Ordered by preference. */
    public enum Health {
        HEALTHY,
        /** No probe has ended yet: worth a try when nobody better is there. */
        UNKNOWN,
        UNHEALTHY
    }

    public Standing {
        outlooks = Map.copyOf(outlooks);
        parked = Map.copyOf(parked);
    }

    /** The same without what is known of single classes and models, for whoever keeps it longer than a ranking lasts. */
    public Standing withoutClasses() {
        return new Standing(
                backend,
                health,
                reason,
                ejected,
                unauthorized,
                latencyNanos,
                estimate,
                lastProbe,
                lastProbeEpochMillis,
                failureShare,
                Map.of(),
                otherwise,
                Map.of());
    }

    public Outlook outlook(RequestClass requestClass) {
        return outlooks.getOrDefault(requestClass, otherwise);
    }
}
