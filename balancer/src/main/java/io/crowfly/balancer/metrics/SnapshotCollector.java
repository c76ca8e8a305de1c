package io.crowfly.balancer.metrics;

import io.crowfly.balancer.attempt.Snapshot;
import io.crowfly.balancer.attempt.Upstream;
import io.crowfly.conf.Backend;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.ModelHealth;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.forecast.ProbeTimes;
import io.prometheus.client.Collector;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Collector of the metrics about the current state (health, requests in flight, connections), which is read on each
 * scrape. So the samples of a backend disappear when a reload removes the backend.
 */
public final class SnapshotCollector extends Collector {

    private static final List<String> LABELS = List.of("backend", "provider");
    private static final List<String> MODEL_LABELS = List.of("backend", "provider", "model", "cause");
    private static final double NANOS_PER_SECOND = 1e9;

    private final Supplier<Snapshot> snapshot;
    private final Supplier<Ranking> ranking;
    private final IntSupplier connections;
    private final LongSupplier refusedConnections;
    private final LongSupplier droppedLines;
    private final LongSupplier droppedObservations;
    private final LongSupplier heldBytes;

    /**
     * @param connections open client connections
     * @param refusedConnections client connections closed because {@code limits.connections} were open
     * @param droppedLines lines of the access log that were dropped
     * @param droppedObservations observations of live requests that were dropped
     * @param heldBytes memory reserved for held request bodies
     */
    public SnapshotCollector(
            Supplier<Snapshot> snapshot,
            Supplier<Ranking> ranking,
            IntSupplier connections,
            LongSupplier refusedConnections,
            LongSupplier droppedLines,
            LongSupplier droppedObservations,
            LongSupplier heldBytes) {
        this.snapshot = snapshot;
        this.ranking = ranking;
        this.connections = connections;
        this.refusedConnections = refusedConnections;
        this.droppedLines = droppedLines;
        this.droppedObservations = droppedObservations;
        this.heldBytes = heldBytes;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        Snapshot current = snapshot.get();
        List<BackendSnapshot> backends = ranking.get().snapshots();
        return List.of(
                new GaugeMetricFamily(
                        "crowfly_conf_generation",
                        "Number of the conf in force, counted from 1.",
                        current.generation()),
                new GaugeMetricFamily(
                        "crowfly_client_connections", "Client connections that are open.", connections.getAsInt()),
                new CounterMetricFamily(
                        "crowfly_access_log_dropped_lines_total",
                        "Lines of the access log dropped because its queue was full.",
                        droppedLines.getAsLong()),
                new CounterMetricFamily(
                        "crowfly_client_connections_refused_total",
                        "Client connections closed at once because limits.connections were open.",
                        refusedConnections.getAsLong()),
                new CounterMetricFamily(
                        "crowfly_observations_dropped_total",
                        "Observations of live requests that did not reach the estimates because there were too many.",
                        droppedObservations.getAsLong()),
                new GaugeMetricFamily(
                        "crowfly_held_bytes",
                        "Memory reserved for waiting request bodies, of limits.held-total.",
                        heldBytes.getAsLong()),
                failures(current),
                inFlight(current),
                gauge(
                        "crowfly_backend_healthy",
                        "1 if the backend may get requests, by its probes and by live requests.",
                        backends,
                        backend -> backend.health() == Health.HEALTHY ? 1 : 0),
                gauge(
                        "crowfly_backend_ejected",
                        "1 while live failures have ejected the backend, whatever its probes report.",
                        backends,
                        backend -> backend.ejected() ? 1 : 0),
                gauge(
                        "crowfly_backend_unauthorized",
                        "1 from when the backend refused our credential, in a request or a probe, until it accepts it.",
                        backends,
                        backend -> backend.unauthorized() ? 1 : 0),
                gauge(
                        "crowfly_backend_ejected_models",
                        "Models that get no requests at this backend at present, because of failures.",
                        backends,
                        backend -> backend.models().values().stream()
                                .filter(ModelHealth::isEjected)
                                .count()),
                ejectedModels(current, backends),
                gauge(
                        "crowfly_backend_parked_models",
                        "Models that get no requests at this backend at present, after a 429, a quota, a 403 or a 404.",
                        backends,
                        backend -> backend.parked().size()),
                gauge(
                        "crowfly_backend_latency_seconds",
                        "The forecast time to the first token, for the class of requests that the backend gets most of.",
                        backends.stream()
                                .filter(backend -> backend.latencyNanos() != ProbeTimes.ABSENT)
                                .toList(),
                        backend -> backend.latencyNanos() / NANOS_PER_SECOND));
    }

    /** Returns a sample for each label of a model that is ejected. Models without a label of their own share one. */
    private static MetricFamilySamples ejectedModels(Snapshot snapshot, List<BackendSnapshot> backends) {
        Set<String> listed = new HashSet<>();
        snapshot.upstreams()
                .forEach(upstream -> listed.addAll(upstream.backend().models().clientNames()));
        ModelLabels modelLabels = new ModelLabels(listed);
        GaugeMetricFamily family = new GaugeMetricFamily(
                "crowfly_ejected_models",
                "Models with this label that get no requests at this backend at present, by the kind of failure.",
                MODEL_LABELS);
        for (BackendSnapshot backend : backends) {
            Map<List<String>, Integer> counts = new HashMap<>();
            backend.models().forEach((model, health) -> health.ejection()
                    .ifPresent(ejected -> counts.merge(
                            List.of(
                                    modelLabels.labelOf(model),
                                    ejected.cause().name().toLowerCase(Locale.ROOT)),
                            1,
                            Integer::sum)));
            counts.forEach((labels, count) -> family.addMetric(
                    List.of(
                            backend.backend().name(),
                            backend.backend().provider().label(),
                            labels.get(0),
                            labels.get(1)),
                    count));
        }
        return family;
    }

    private static MetricFamilySamples failures(Snapshot snapshot) {
        CounterMetricFamily family =
                new CounterMetricFamily("crowfly_attempt_failures_total", "Failed attempts at a backend.", LABELS);
        for (Upstream upstream : snapshot.upstreams()) {
            family.addMetric(labels(upstream.backend()), upstream.failures());
        }
        return family;
    }

    private static MetricFamilySamples inFlight(Snapshot snapshot) {
        GaugeMetricFamily family =
                new GaugeMetricFamily("crowfly_requests_in_flight", "Requests in flight at a backend.", LABELS);
        for (Upstream upstream : snapshot.upstreams()) {
            family.addMetric(labels(upstream.backend()), upstream.inFlight());
        }
        return family;
    }

    private static MetricFamilySamples gauge(
            String name, String help, List<BackendSnapshot> backends, ToDoubleFunction<BackendSnapshot> value) {
        GaugeMetricFamily family = new GaugeMetricFamily(name, help, LABELS);
        for (BackendSnapshot backend : backends) {
            family.addMetric(labels(backend.backend()), value.applyAsDouble(backend));
        }
        return family;
    }

    private static List<String> labels(Backend backend) {
        return List.of(backend.name(), backend.provider().label());
    }
}
