package io.crowfly.balancer.metrics;

import io.crowfly.balancer.attempt.AttemptRecord;
import io.crowfly.balancer.attempt.RepairReason;
import io.crowfly.balancer.exchange.Outcome;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Conf;
import io.crowfly.probes.ProbeListener;
import io.crowfly.probes.ProbeResult;
import io.crowfly.probes.forecast.Prediction;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.exporter.common.TextFormat;
import io.prometheus.client.hotspot.DefaultExports;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/*
 * Cost of one request: two look-ups of its backend's name, whose hash is cached, one of its model's name, and about ten
 * additions to striped cells, eight more for a token stream. Together about 100 ns, without allocation.
 */

/**
 * All Prometheus metrics of one balancer, in a registry of their own: counts outcomes, probes and reloads. For any
 * thread.
 */
public final class Metrics implements ProbeListener {

    private final CollectorRegistry registry = new CollectorRegistry();
    private final RequestFamilies families = new RequestFamilies(registry);
    private final BackendSeries withoutBackend =
            new BackendSeries(families, RequestFamilies.NO_BACKEND, RequestFamilies.NO_BACKEND);
    private final ModelMetrics models = new ModelMetrics().register(registry);
    private final Counter retries = counter(
            "crowfly_retries_total", "Attempts at a backend after, or beside, another attempt of the same request.");
    private final Counter retriesDenied = counter(
            "crowfly_retries_denied_total", "Requests that were not tried again because the retry budget was used up.");
    private final Counter hedges =
            counter("crowfly_hedges_total", "Attempts beside a slow attempt; crowfly_retries_total includes them.");
    private final Counter explored = counter(
            "crowfly_explored_requests_total", "Requests sent to a backend only to keep its figures up to date.");
    private final Counter overflow = Counter.build(
                    "crowfly_overflow_requests_total",
                    "Requests sent to a tier although a tier with a lower number may serve them.")
            .labelNames("tier", "reason")
            .withoutExemplars()
            .register(registry);
    private final Counter panic = counter(
            "crowfly_panic_requests_total",
            "Requests sent to a backend although none of the allowed backends was open.");
    private final Counter reloads = Counter.build("crowfly_conf_reloads_total", "Readings of the conf file.")
            .labelNames("result")
            .withoutExemplars()
            .register(registry);
    private final Gauge lastReload = Gauge.build(
                    "crowfly_conf_last_reload_successful", "1 if the last reading of the conf file is in force.")
            .register(registry);
    private final Gauge lastSuccess = Gauge.build(
                    "crowfly_conf_last_reload_success_timestamp_seconds", "When a conf file last came into force.")
            .register(registry);
    private final AtomicBoolean jvmIncluded = new AtomicBoolean();

    private volatile Map<String, BackendSeries> series = Map.of();
    private volatile String region = "";

    public Metrics(String version) {
        Gauge.build("crowfly_build_info", "Always 1; the label is the version that runs.")
                .labelNames("version")
                .register(registry)
                .labels(version)
                .set(1);
        reloads.labels("success");
        reloads.labels("failure");
    }

    private Counter counter(String name, String help) {
        return Counter.build(name, help).withoutExemplars().register(registry);
    }

    /** Adds metrics that are computed when Prometheus reads them. */
    public void register(Collector collector) {
        registry.register(collector);
    }

    /**
     * Creates the series for the backends of a conf before the conf is in force. Calls of this method and of {@link
     * #activate} must not overlap.
     */
    public void prepare(List<Backend> backends) {
        Map<String, BackendSeries> next = new HashMap<>(series);
        for (Backend backend : backends) {
            String provider = backend.provider().label();
            BackendSeries former = next.get(backend.name());
            if (former == null || !former.provider().equals(provider)) {
                next.put(backend.name(), new BackendSeries(families, backend.name(), provider));
                if (former != null) {
                    former.remove();
                }
            }
        }
        series = Map.copyOf(next);
        models.prepare(backends);
    }

    /** Removes the series of every backend and every model that this conf does not have. */
    public void activate(Conf conf) {
        prepare(conf.backends());
        models.activate(conf.backends());
        Map<String, BackendSeries> kept = new HashMap<>(series);
        kept.keySet().retainAll(conf.backends().stream().map(Backend::name).toList());
        series.forEach((name, backendSeries) -> {
            if (!kept.containsKey(name)) {
                backendSeries.remove();
            }
        });
        series = Map.copyOf(kept);
        region = conf.region();
    }

    /** Counts an exchange that has ended. Called on the exchange's event loop. */
    public void count(Outcome outcome) {
        BackendSeries backendSeries = outcome.upstream().isPresent()
                ? series.getOrDefault(outcome.upstream().get().backend().name(), withoutBackend)
                : withoutBackend;
        backendSeries.count(outcome);
        models.count(outcome);
        if (outcome.attempts() > 1) {
            retries.inc(outcome.attempts() - 1);
        }
        if (outcome.retryDenied()) {
            retriesDenied.inc();
        }
        if (outcome.candidates().panic() && outcome.attempts() > 0) {
            panic.inc();
        }
        for (int i = 0; i < outcome.attempts(); i++) {
            count(outcome.attemptRecords().get(i), outcome.candidates());
        }
    }

    private void count(AttemptRecord attempt, Candidates candidates) {
        switch (attempt.role()) {
            case FIRST -> countPrediction(attempt, candidates);
            case EXPLORATION -> explored.inc();
            case HEDGE -> hedges.inc();
            case RETRY -> {}
        }
        if (attempt.overflow().isPresent()) {
            overflow.labels(tier(attempt, candidates), attempt.overflow().get().label())
                    .inc();
        }
        if (attempt.repaired().isPresent()) {
            countRepaired(attempt, candidates, attempt.repaired().get());
        }
    }

    private static String tier(AttemptRecord attempt, Candidates candidates) {
        return Integer.toString(
                candidates.list().get(attempt.place()).snapshot().backend().tier());
    }

    private void countRepaired(AttemptRecord attempt, Candidates candidates, RepairReason reason) {
        Candidate candidate = candidates.list().get(attempt.place());
        BackendSeries backendSeries = series.get(candidate.snapshot().backend().name());
        if (backendSeries != null) {
            backendSeries.countRepaired(reason);
        }
    }

    /**
     * Counts the error of the forecast for a first attempt. Other roles are left out: explorations are sent to backends
     * with little data, and retries and hedges happen when something is wrong.
     */
    private void countPrediction(AttemptRecord attempt, Candidates candidates) {
        if (attempt.firstTokenNanos() >= 0) {
            Candidate candidate = candidates.list().get(attempt.place());
            BackendSeries backendSeries =
                    series.get(candidate.snapshot().backend().name());
            Prediction prediction = candidate.predictionAt(attempt.inFlight());
            if (backendSeries != null && prediction.basis() == Prediction.Basis.LIVE) {
                backendSeries.countPrediction((double) attempt.firstTokenNanos() / prediction.medianNanos());
            }
        }
    }

    @Override
    public void onProbe(Backend backend, ProbeResult result) {
        BackendSeries backendSeries = series.get(backend.name());
        if (backendSeries != null) {
            backendSeries.count(result);
        }
    }

    /** Counts a reading of the conf file. */
    public void countReload(boolean successful) {
        reloads.labels(successful ? "success" : "failure").inc();
        lastReload.set(successful ? 1 : 0);
        if (successful) {
            lastSuccess.setToCurrentTime();
        }
    }

    /** Records that the last good conf is in force, because the first reading of the conf file has failed. */
    public void countStartFromLastGood() {
        lastSuccess.setToCurrentTime();
    }

    /**
     * Returns the number of ended requests whose last attempt was at this backend, since the backend was first in the
     * conf.
     */
    public long requests(String backend) {
        BackendSeries backendSeries = series.get(backend);
        return backendSeries == null ? 0 : backendSeries.requests();
    }

    /** Returns the number of the {@link #requests} that failed while their client was still connected. */
    public long errors(String backend) {
        BackendSeries backendSeries = series.get(backend);
        return backendSeries == null ? 0 : backendSeries.errors();
    }

    /**
     * Returns all metrics as text. Takes some milliseconds, the first time more, so it must not be called on an event
     * loop.
     *
     * @param contentType a result of {@link #contentType}
     */
    public String text(String contentType) {
        if (jvmIncluded.compareAndSet(false, true)) {
            // The JVM's metrics are registered only here, because its management beans would cost every start-up a
            // tenth of a second.
            DefaultExports.register(registry);
        }
        StringWriter text = new StringWriter();
        try {
            TextFormat.writeFormat(contentType, text, new RegionLabel(region).addTo(registry.metricFamilySamples()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** Returns the content type that an {@code accept} header selects: Prometheus' own text format or OpenMetrics. */
    public static String contentType(String accept) {
        return TextFormat.chooseContentType(accept);
    }
}
