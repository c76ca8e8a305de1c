package io.crowfly.balancer.metrics;

import io.crowfly.balancer.attempt.Snapshot;
import io.crowfly.balancer.attempt.Upstream;
import io.crowfly.conf.Backend;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.forecast.ProbeTimes;
import io.prometheus.client.Collector;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** What is so just now, read when it is asked for: a backend that a reload took out is gone by itself. */
public final class SnapshotCollector extends Collector {

    private static final List<String> LABELS = List.of("backend", "provider");
    private static final double NANOS_PER_SECOND = 1e9;

    private final Supplier<Snapshot> snapshot;
    private final Supplier<Ranking> ranking;
    private final IntSupplier connections;
    private final LongSupplier refusedConnections;
    private final LongSupplier droppedLines;
    private final LongSupplier droppedObservations;
    private final LongSupplier heldBytes;

    /**
     * @param connections of clients that are open
     * @param refusedConnections for want of room
     * @param droppedLines of the access log
     * @param droppedObservations of live requests
     * @param heldBytes set aside for bodies that wait
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
        Snapshot now = snapshot.get();
        List<BackendSnapshot> standings = ranking.get().snapshots();
        return List.of(
                new GaugeMetricFamily("crowfly_conf_generation", "Of the conf in force.", now.generation()),
                new GaugeMetricFamily(
                        "crowfly_client_connections", "Client connections that are open.", connections.getAsInt()),
                new CounterMetricFamily(
                        "crowfly_access_log_dropped_lines_total",
                        "Lines left out of the access log because its writing was too slow.",
                        droppedLines.getAsLong()),
                new CounterMetricFamily(
                        "crowfly_client_connections_refused_total",
                        "Client connections closed at once, there being as many as limits.connections allows.",
                        refusedConnections.getAsLong()),
                new CounterMetricFamily(
                        "crowfly_observations_dropped_total",
                        "What live requests found out and the estimates did not hear of, there being too much of it.",
                        droppedObservations.getAsLong()),
                new GaugeMetricFamily(
                        "crowfly_held_bytes",
                        "Memory that is set aside for requests' bodies that wait, of limits.held-total.",
                        heldBytes.getAsLong()),
                failures(now),
                inFlight(now),
                gauge(
                        "crowfly_backend_healthy",
                        "1 if it may get requests by what its probes and live requests say.",
                        standings,
                        standing -> standing.health() == Health.HEALTHY ? 1 : 0),
                gauge(
                        "crowfly_backend_ejected",
                        "1 while live requests have put it out, whatever its probes say.",
                        standings,
                        standing -> standing.ejected() ? 1 : 0),
                gauge(
                        "crowfly_backend_unauthorized",
                        "1 from when it refused our credentials until it takes them.",
                        standings,
                        standing -> standing.unauthorized() ? 1 : 0),
                gauge(
                        "crowfly_backend_parked_models",
                        "Models that it is not asked for just now, for a 429, a quota, or a 404.",
                        standings,
                        standing -> standing.parked().size()),
                gauge(
                        "crowfly_backend_latency_seconds",
                        "The predicted time to the first token of the class of requests that it gets most of.",
                        standings.stream()
                                .filter(standing -> standing.latencyNanos() != ProbeTimes.ABSENT)
                                .toList(),
                        standing -> standing.latencyNanos() / NANOS_PER_SECOND));
    }

    private static MetricFamilySamples failures(Snapshot now) {
        CounterMetricFamily family = new CounterMetricFamily(
                "crowfly_attempt_failures_total", "Attempts at a backend that came to nothing.", LABELS);
        for (Upstream upstream : now.upstreams()) {
            family.addMetric(labels(upstream.backend()), upstream.failures());
        }
        return family;
    }

    private static MetricFamilySamples inFlight(Snapshot now) {
        GaugeMetricFamily family =
                new GaugeMetricFamily("crowfly_requests_in_flight", "Requests under way at a backend.", LABELS);
        for (Upstream upstream : now.upstreams()) {
            family.addMetric(labels(upstream.backend()), upstream.inFlight());
        }
        return family;
    }

    private static MetricFamilySamples gauge(
            String name, String help, List<BackendSnapshot> standings, ToDoubleFunction<BackendSnapshot> value) {
        GaugeMetricFamily family = new GaugeMetricFamily(name, help, LABELS);
        for (BackendSnapshot standing : standings) {
            family.addMetric(labels(standing.backend()), value.applyAsDouble(standing));
        }
        return family;
    }

    private static List<String> labels(Backend backend) {
        return List.of(backend.name(), backend.provider().label());
    }
}
