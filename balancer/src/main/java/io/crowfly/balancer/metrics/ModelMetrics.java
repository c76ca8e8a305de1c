package io.crowfly.balancer.metrics;

import io.crowfly.balancer.exchange.Outcome;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Provider;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.CounterMetricFamily;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/*
 * The families of a registry keep every child until it is removed, and a request that ends at that moment would create
 * the child again. Therefore each model of each backend has its own histograms here. A scrape collects only those of
 * the conf in force, so counts for a removed backend or model are not visible.
 *
 * With a hundred listed models and ten backends, most pairs never get a request. So a series is created with its first
 * response.
 */

/**
 * Collector of the metrics by backend and model: tokens, time to the first token, time between tokens. {@link #count}
 * is for any thread; calls of {@link #prepare} and {@link #activate} must not overlap.
 */
final class ModelMetrics extends Collector {

    private static final List<String> LABELS = List.of("backend", "provider", "model");

    private record ActiveConf(ModelLabels labels, Map<String, SeriesByModel> backends) {}

    private static final class SeriesByModel {
        private final String backend;
        private final String provider;
        private final String label;
        private final Map<String, ModelSeries> series = new ConcurrentHashMap<>();

        SeriesByModel(Backend backend) {
            this.backend = backend.name();
            provider = providerName(backend.provider());
            label = backend.provider().label();
        }

        /**
         * Takes over the series of the previous conf for models that still have a label, so that their counters
         * continue.
         */
        void adoptSeries(SeriesByModel previous, ModelLabels labels) {
            if (previous.provider.equals(provider)) {
                previous.series.forEach((model, modelSeries) -> {
                    if (labels.contains(model)) {
                        series.put(model, modelSeries);
                    }
                });
            }
        }

        ModelSeries seriesOf(String model) {
            ModelSeries existing = series.get(model);
            return existing != null
                    ? existing
                    : series.computeIfAbsent(model, name -> new ModelSeries(backend, provider, name));
        }
    }

    private volatile ActiveConf active = new ActiveConf(new ModelLabels(Set.of()), Map.of());

    /** Returns OpenTelemetry's name of a provider. */
    private static String providerName(Provider provider) {
        if (provider instanceof Provider.Azure) {
            return "azure.ai.openai";
        } else if (provider instanceof Provider.Google) {
            return "gcp.vertex_ai";
        } else if (provider instanceof Provider.Gemini) {
            return "gcp.gemini";
        }
        return "openai";
    }

    /** Adds the backends and models of a conf before the conf is in force. Those of the current conf stay. */
    void prepare(List<Backend> backends) {
        ActiveConf current = active;
        change(backends, current.labels().listed(), current.backends());
    }

    /** Removes every backend and model that is not in this conf. */
    void activate(List<Backend> backends) {
        change(backends, Set.of(), Map.of());
    }

    private void change(List<Backend> backends, Set<String> otherListed, Map<String, SeriesByModel> otherBackends) {
        Set<String> listed = new HashSet<>(otherListed);
        backends.forEach(backend -> listed.addAll(backend.models().clientNames()));
        ModelLabels labels = new ModelLabels(listed);
        Map<String, SeriesByModel> previous = active.backends();
        Map<String, SeriesByModel> next = new HashMap<>(otherBackends);
        for (Backend backend : backends) {
            SeriesByModel seriesByModel = new SeriesByModel(backend);
            if (previous.containsKey(backend.name())) {
                seriesByModel.adoptSeries(previous.get(backend.name()), labels);
            }
            next.put(backend.name(), seriesByModel);
        }
        active = new ActiveConf(labels, Map.copyOf(next));
    }

    /** Counts an outcome for the backend of its last attempt. */
    void count(Outcome outcome) {
        if (outcome.upstream().isPresent() && ModelSeries.appliesTo(outcome)) {
            ActiveConf current = active;
            SeriesByModel seriesByModel =
                    current.backends().get(outcome.upstream().get().backend().name());
            if (seriesByModel != null) {
                seriesByModel
                        .seriesOf(current.labels().labelOf(outcome.model()))
                        .count(outcome);
            }
        }
    }

    @Override
    public List<MetricFamilySamples> collect() {
        CounterMetricFamily input = new CounterMetricFamily(
                "crowfly_input_tokens_total", "Tokens of requests, as backends report them.", LABELS);
        CounterMetricFamily output = new CounterMetricFamily(
                "crowfly_output_tokens_total", "Tokens of responses, as backends report them.", LABELS);
        List<ModelSeries> all = new ArrayList<>();
        for (SeriesByModel byModel : active.backends().values()) {
            for (ModelSeries series : byModel.series.values()) {
                List<String> labels = List.of(byModel.backend, byModel.label, series.model());
                input.addMetric(labels, series.inputTokens());
                output.addMetric(labels, series.outputTokens());
                all.add(series);
            }
        }
        List<MetricFamilySamples> families = new ArrayList<>(List.of(input, output));
        for (GenAiFamily family : GenAiFamily.values()) {
            List<Sample> samples = all.stream()
                    .flatMap(series -> series.samples(family).stream())
                    .collect(Collectors.toList());
            families.add(family.withSamples(samples));
        }
        return families;
    }
}
