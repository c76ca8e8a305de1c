package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
import java.util.Map;

/**
 * Immutable state of one backend at the time of a {@link Ranking}.
 *
 * @param health from probes and live requests; an ejected backend is unhealthy
 * @param reason why the backend has this health, in a few words for operators
 * @param ejected whether failures of live requests have ejected the backend, even if its probes pass
 * @param unauthorized whether the last ejection was for our credential, which has not been accepted since; people must
 *     repair the credential
 * @param latencyNanos the figure by which backends are ordered: the median time to the first token of the busiest
 *     class. Before the first request, the probes' first byte, or their connect and handshake; {@link
 *     ProbeTimes#ABSENT} before the first passed probe
 * @param probeEstimate estimate of each part of a probe
 * @param lastProbe parts of the last passed probe
 * @param lastProbeEpochMillis when a probe last ended; 0 before the first
 * @param failureShare share of recent live attempts that failed, from 0 to 1
 * @param forecasts for each class that is known at any backend
 * @param defaultForecast for every other class
 * @param parked parked models; the empty string stands for requests that name no model
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

    /** Health, ordered by preference. */
    public enum Health {
        HEALTHY,
        /** No probe has ended yet. Used if no backend is healthy. */
        UNKNOWN,
        UNHEALTHY
    }

    public BackendSnapshot {
        forecasts = Map.copyOf(forecasts);
        parked = Map.copyOf(parked);
    }

    /** Returns a copy without figures of single classes and models, for holders that outlive the ranking. */
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

    /** Returns the class's forecast, or the default one for an unknown class. */
    public Forecast forecast(RequestClass requestClass) {
        return forecasts.getOrDefault(requestClass, defaultForecast);
    }
}
