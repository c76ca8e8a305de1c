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
 * A registry's own families keep every child until somebody removes it, and a request that ends just then would bring it
 * back. Here each model of each backend has parts of the families to itself, and what is read is put together from those that
 * belong to the conf in force: who counts in one that does not is seen by nobody.
 *
 * With a hundred models listed and ten backends most pairs never meet: a part comes into being with its first answer.
 */

/** What is counted by backend and model. Counting is for any thread, {@link #prepare} and {@link #activate} for one at a time. */
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

        /** What was counted already goes on, as far as it has a name still. */
        void adoptSeries(SeriesByModel former, ModelLabels labels) {
            if (former.provider.equals(provider)) {
                former.series.forEach((model, its) -> {
                    if (labels.contains(model)) {
                        series.put(model, its);
                    }
                });
            }
        }

        ModelSeries seriesOf(String model) {
            ModelSeries known = series.get(model);
            return known != null
                    ? known
                    : series.computeIfAbsent(model, name -> new ModelSeries(backend, provider, name));
        }
    }

    private volatile ActiveConf active = new ActiveConf(new ModelLabels(Set.of()), Map.of());

    /** OpenTelemetry's name. */
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

    /** Makes room for the backends and models of a conf that may come into force, beside those of the one that is. */
    void prepare(List<Backend> backends) {
        ActiveConf now = active;
        change(backends, now.labels().listed(), now.backends());
    }

    /** Forgets every other backend and model. */
    void activate(List<Backend> backends) {
        change(backends, Set.of(), Map.of());
    }

    private void change(List<Backend> backends, Set<String> listedBeside, Map<String, SeriesByModel> beside) {
        Set<String> listed = new HashSet<>(listedBeside);
        backends.forEach(backend -> listed.addAll(backend.models().clientNames()));
        ModelLabels labels = new ModelLabels(listed);
        Map<String, SeriesByModel> former = active.backends();
        Map<String, SeriesByModel> next = new HashMap<>(beside);
        for (Backend backend : backends) {
            SeriesByModel its = new SeriesByModel(backend);
            if (former.containsKey(backend.name())) {
                its.adoptSeries(former.get(backend.name()), labels);
            }
            next.put(backend.name(), its);
        }
        active = new ActiveConf(labels, Map.copyOf(next));
    }

    /** Under the backend that was tried last. */
    void count(Outcome outcome) {
        if (outcome.upstream().isPresent() && ModelSeries.appliesTo(outcome)) {
            ActiveConf now = active;
            SeriesByModel at =
                    now.backends().get(outcome.upstream().get().backend().name());
            if (at != null) {
                at.seriesOf(now.labels().labelOf(outcome.model())).count(outcome);
            }
        }
    }

    @Override
    public List<MetricFamilySamples> collect() {
        CounterMetricFamily input = new CounterMetricFamily(
                "crowfly_input_tokens_total", "Tokens of requests, as far as backends say.", LABELS);
        CounterMetricFamily output = new CounterMetricFamily(
                "crowfly_output_tokens_total", "Tokens of answers, as far as backends say.", LABELS);
        List<ModelSeries> all = new ArrayList<>();
        for (SeriesByModel at : active.backends().values()) {
            for (ModelSeries its : at.series.values()) {
                List<String> labels = List.of(at.backend, at.label, its.model());
                input.addMetric(labels, its.inputTokens());
                output.addMetric(labels, its.outputTokens());
                all.add(its);
            }
        }
        List<MetricFamilySamples> families = new ArrayList<>(List.of(input, output));
        for (GenAiFamily family : GenAiFamily.values()) {
            List<Sample> samples =
                    all.stream().flatMap(its -> its.samples(family).stream()).collect(Collectors.toList());
            families.add(family.withSamples(samples));
        }
        return families;
    }
}
