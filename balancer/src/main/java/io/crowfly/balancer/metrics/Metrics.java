package io.crowfly.balancer.metrics;

import io.crowfly.balancer.attempt.AttemptRecord;
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
 * What a request costs here: two look-ups of its backend's name, whose hash is kept, one of its model's, and some ten additions
 * to striped cells, eight more for a token stream. Together some 100 ns, with no allocation.
 */

/** Every series of one balancer, in a registry of its own. Any thread. */
public final class Metrics implements ProbeListener {

    private final CollectorRegistry registry = new CollectorRegistry();
    private final RequestFamilies families = new RequestFamilies(registry);
    private final BackendSeries withoutBackend =
            new BackendSeries(families, RequestFamilies.NO_BACKEND, RequestFamilies.NO_BACKEND);
    private final ModelMetrics models = new ModelMetrics().register(registry);
    private final Counter retries = counter(
            "crowfly_retries_total", "Attempts at a backend after, or beside, another one for the same request.");
    private final Counter retriesDenied = counter(
            "crowfly_retries_denied_total", "Requests that were not tried again for want of room in the retry budget.");
    private final Counter hedges = counter(
            "crowfly_hedges_total", "Attempts at a backend beside one that was slow; they are among the retries.");
    private final Counter explored =
            counter("crowfly_explored_requests_total", "Requests that were sent to a backend only to keep it known.");
    private final Counter panic = counter(
            "crowfly_panic_requests_total",
            "Requests that were sent to a backend although none that they may use was healthy.");
    private final Counter reloads = Counter.build("crowfly_conf_reloads_total", "Readings of the conf file.")
            .labelNames("result")
            .withoutExemplars()
            .register(registry);
    private final Gauge lastReload = Gauge.build(
                    "crowfly_conf_last_reload_successful", "1 if the conf file as it was last read is in force.")
            .register(registry);
    private final Gauge lastSuccess = Gauge.build(
                    "crowfly_conf_last_reload_success_timestamp_seconds", "When a conf file was last put in force.")
            .register(registry);
    private final AtomicBoolean jvmIncluded = new AtomicBoolean();

    private volatile Map<String, BackendSeries> series = Map.of();
    private volatile String region = "";

    public Metrics(String version) {
        Gauge.build("crowfly_build_info", "Always 1; says which version runs.")
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

    /** Includes what is read, not counted. */
    public void register(Collector collector) {
        registry.register(collector);
    }

    /** Makes series for the backends of a conf that may come into force. Not for two threads at once, like {@link #activate}. */
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

    /** Forgets the series of every backend, and of every model, that this conf has not. */
    public void activate(Conf conf) {
        prepare(conf.backends());
        models.activate(conf.backends());
        Map<String, BackendSeries> kept = new HashMap<>(series);
        kept.keySet().retainAll(conf.backends().stream().map(Backend::name).toList());
        series.forEach((name, its) -> {
            if (!kept.containsKey(name)) {
                its.remove();
            }
        });
        series = Map.copyOf(kept);
        region = conf.region();
    }

    /** An exchange has ended. On its loop. */
    public void count(Outcome outcome) {
        BackendSeries of = outcome.upstream().isPresent()
                ? series.getOrDefault(outcome.upstream().get().backend().name(), withoutBackend)
                : withoutBackend;
        of.count(outcome);
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

    private void count(AttemptRecord tried, Candidates candidates) {
        switch (tried.role()) {
            case FIRST -> countPrediction(tried, candidates);
            case EXPLORATION -> explored.inc();
            case HEDGE -> hedges.inc();
            case RETRY -> {}
        }
    }

    /** Explorations ask where little is known; second attempts are made where something is wrong. */
    private void countPrediction(AttemptRecord tried, Candidates candidates) {
        if (tried.firstTokenNanos() >= 0) {
            Candidate candidate = candidates.list().get(tried.place());
            BackendSeries of = series.get(candidate.snapshot().backend().name());
            if (of != null && candidate.prediction().basis() == Prediction.Basis.LIVE) {
                of.countPrediction((double) tried.firstTokenNanos()
                        / candidate.prediction().medianNanos());
            }
        }
    }

    @Override
    public void onProbe(Backend backend, ProbeResult result) {
        BackendSeries of = series.get(backend.name());
        if (of != null) {
            of.count(result);
        }
    }

    /** The conf file has been read again. */
    public void countReload(boolean successful) {
        reloads.labels(successful ? "success" : "failure").inc();
        lastReload.set(successful ? 1 : 0);
        if (successful) {
            lastSuccess.setToCurrentTime();
        }
    }

    /** Requests that ended, their last attempt having been at this backend, since it came into the conf. */
    public long requests(String backend) {
        BackendSeries of = series.get(backend);
        return of == null ? 0 : of.requests();
    }

    /** Those of {@link #requests} that failed a client which waited. */
    public long errors(String backend) {
        BackendSeries of = series.get(backend);
        return of == null ? 0 : of.errors();
    }

    /**
     * All of it as text. Takes some milliseconds, the first time more; not for an event loop.
     *
     * @param contentType one that {@link #contentType} gave
     */
    public String text(String contentType) {
        if (jvmIncluded.compareAndSet(false, true)) {
            // Not sooner: the JVM's management beans would cost every start-up a tenth of a second.
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

    /** The format that an {@code accept} header asks for: Prometheus' own or OpenMetrics. */
    public static String contentType(String accept) {
        return TextFormat.chooseContentType(accept);
    }
}
