package io.crowfly.balancer.testbed;

import io.crowfly.conf.Backend;
import io.crowfly.conf.BackendHeaders;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Models;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Provider;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.ModelHealth;
import io.crowfly.probes.ModelHealth.Cause;
import io.crowfly.probes.ModelHealth.Ejected;
import io.crowfly.probes.Parking;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.LoadCurve;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.Prediction.Basis;
import io.crowfly.probes.forecast.ProbeTimes;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Snapshots of backends that have not received any request yet. */
public final class TestSnapshots {

    private TestSnapshots() {}

    public static Backend backend(String name) {
        Probe probe = new Probe(Duration.ofSeconds(1), Duration.ofSeconds(1), 1, 1, new Probe.Kind.Tcp());
        return new Backend(
                name,
                new Provider.OpenAi(),
                URI.create("http://" + name),
                "",
                1,
                Map.of(),
                new Credential.None(),
                Models.ALL,
                probe,
                Optional.empty(),
                BackendHeaders.NONE);
    }

    public static BackendSnapshot snapshot(Backend backend, boolean ejected, boolean unauthorized) {
        return snapshot(backend, ejected, unauthorized, Map.of(), Map.of());
    }

    /** Returns the snapshot of a backend that is unhealthy by its probes. */
    public static BackendSnapshot unhealthy(Backend backend, String reason, boolean unauthorized) {
        return snapshot(backend, Health.UNHEALTHY, reason, false, unauthorized, Map.of(), Map.of());
    }

    /**
     * Returns the snapshot of a healthy backend that has parked the model for one minute from the start of the clock.
     */
    public static BackendSnapshot parked(Backend backend, String model) {
        long minute = Duration.ofMinutes(1).toNanos();
        return snapshot(
                backend, false, false, Map.of(model, new Parking(Parking.Cause.THROTTLED, minute, 1, "429")), Map.of());
    }

    /** Returns the snapshot of a healthy backend that has ejected models until one second. */
    public static BackendSnapshot ejectedModels(Backend backend, boolean listed, String... models) {
        Ejected ejected = new Ejected(Cause.ERROR, Duration.ofSeconds(1).toNanos(), "3 failures in a row: status 500");
        ModelHealth health = new ModelHealth(Optional.of(ejected), 0.1, listed);
        return snapshot(
                backend,
                false,
                false,
                Map.of(),
                Stream.of(models).collect(Collectors.toMap(model -> model, model -> health)));
    }

    private static BackendSnapshot snapshot(
            Backend backend,
            boolean ejected,
            boolean unauthorized,
            Map<String, Parking> parked,
            Map<String, ModelHealth> models) {
        return snapshot(
                backend,
                ejected ? Health.UNHEALTHY : Health.HEALTHY,
                ejected ? "ejected: status 401" : "last probe passed",
                ejected,
                unauthorized,
                parked,
                models);
    }

    private static BackendSnapshot snapshot(
            Backend backend,
            Health health,
            String reason,
            boolean ejected,
            boolean unauthorized,
            Map<String, Parking> parked,
            Map<String, ModelHealth> models) {
        Prediction guess = new Prediction(Basis.GUESS, 0, Math.log(300e6), 0.5, 1, ProbeTimes.ABSENT);
        return new BackendSnapshot(
                backend,
                health,
                reason,
                ejected,
                unauthorized,
                ProbeTimes.ABSENT,
                ProbeTimes.NONE,
                ProbeTimes.NONE,
                0,
                0,
                Map.of(),
                new Forecast(
                        guess, guess.logService(), Long.MIN_VALUE, Long.MIN_VALUE, guess.logService(), LoadCurve.FLAT),
                parked,
                models);
    }
}
