package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Probe;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
import java.util.Map;

/**
 * Immutable state of one backend (health, latency, models that get no requests), as published in a {@link Ranking}.
 *
 * @param health from probes and live requests; an ejected backend is unhealthy
 * @param reason why the backend has this health, in a few words for operators
 * @param ejected whether failures of live requests have ejected the whole backend, even if its probes pass
 * @param unauthorized whether an operator must repair the credential: the backend was last ejected because it rejected
 *     the credential, and has not accepted it since; or its probes fail because they are rejected with status 401
 * @param latencyNanos the figure by which backends are ordered: the median time to the first token of the class with
 *     the most samples. Before the first request: the probes' time to the first byte, or their time to connect and
 *     handshake. {@link ProbeTimes#ABSENT} before the first passed probe
 * @param probeEstimate estimate of each part of a probe's latency
 * @param lastProbe parts of the last passed probe's latency
 * @param lastProbeEpochMillis when a probe last ended; 0 before the first
 * @param failureShare share of recent live attempts that failed, over all models, from 0 to 1
 * @param forecasts forecast for each class of requests that is known at any backend
 * @param defaultForecast forecast for every other class
 * @param parked parked models; the empty string stands for requests that name no model
 * @param models models that are ejected or have recent failures; the empty string stands for requests that name no
 *     model
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
        Map<String, Parking> parked,
        Map<String, ModelHealth> models) {

    /** Health of a backend, the preferred one first. */
    public enum Health {
        HEALTHY,
        /** No probe of the backend has ended yet. Such a backend gets requests only if no backend is healthy. */
        UNKNOWN,
        UNHEALTHY
    }

    public BackendSnapshot {
        forecasts = ClassMap.copyOf(forecasts);
        parked = Map.copyOf(parked);
        models = Map.copyOf(models);
    }

    /**
     * Returns the network latency that probes measured, in nanoseconds. An inference probe measures network and model
     * together, so all of its latency counts as service time. For a probe that only connects, the time to connect is
     * the round trip to the host that terminates the connection. At Google that is a nearby edge, but changes of the
     * round trip are still measured.
     */
    public long probedNetworkNanos() {
        return probedNetworkNanos(backend, probeEstimate);
    }

    static long probedNetworkNanos(Backend backend, ProbeTimes times) {
        if (backend.probe().kind() instanceof Probe.Kind.Inference) {
            return 0;
        }
        long nanos = backend.probe().kind() instanceof Probe.Kind.Http ? times.firstByteNanos() : times.connectNanos();
        return nanos == ProbeTimes.ABSENT ? 0 : nanos;
    }

    /**
     * Returns a copy without the figures of single classes and models. For owners that keep the snapshot longer than
     * its ranking, to save memory.
     */
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
                Map.of(),
                Map.of());
    }

    /** Returns the forecast for a class of requests; for an unknown class, the default forecast. */
    public Forecast forecast(RequestClass requestClass) {
        return forecasts.getOrDefault(requestClass, defaultForecast);
    }

    /** Returns the health of a model at this backend. */
    public ModelHealth model(String model) {
        return models.getOrDefault(model, ModelHealth.HEALTHY);
    }
}
