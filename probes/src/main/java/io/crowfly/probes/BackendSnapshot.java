package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
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
 * @param probeEstimate from probes, of each part
 * @param lastProbe the parts of the last successful probe
 * @param lastProbeEpochMillis when a probe last ended; 0 before the first
 * @param failureShare of its recent live attempts those that failed, from 0 to 1
 * @param forecasts for each class that is known anywhere
 * @param defaultForecast for every other class
 * @param parked by model: not to be asked for it; empty strings stand for requests that name none
 */
public record BackendSnapshot(
        Backend backend,
        Health health,
        String reason,
        boolean ejected,
        boolean unauthorized,
        long latencyNanos,
        ProbeTimes probeEstimate,
        ProbeTimes lastProbe,
        long lastProbeEpochMillis,
        double failureShare,
        Map<RequestClass, Forecast> forecasts,
        Forecast defaultForecast,
        Map<String, Parking> parked) {

    /** Ordered by preference. */
    public enum Health {
        HEALTHY,
        /** No probe has ended yet: worth a try when nobody better is there. */
        UNKNOWN,
        UNHEALTHY
    }

    public BackendSnapshot {
        forecasts = Map.copyOf(forecasts);
        parked = Map.copyOf(parked);
    }

    /** The same without what is known of single classes and models, for whoever keeps it longer than a ranking lasts. */
    public BackendSnapshot withoutClasses() {
        return new BackendSnapshot(
                backend,
                health,
                reason,
                ejected,
                unauthorized,
                latencyNanos,
                probeEstimate,
                lastProbe,
                lastProbeEpochMillis,
                failureShare,
                Map.of(),
                defaultForecast,
                Map.of());
    }

    public Forecast forecast(RequestClass requestClass) {
        return forecasts.getOrDefault(requestClass, defaultForecast);
    }
}
