package io.crowfly.balancer.metrics;

import io.crowfly.balancer.content.response.Usage;
import io.crowfly.balancer.exchange.Outcome;
import io.crowfly.probes.forecast.Api;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.Histogram;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One model's series at one backend, each made by the first request that has something to say in it. Any thread; what is added
 * is striped by thread.
 */
final class ModelSeries {

    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    /** OpenTelemetry's names, as far as it has one. */
    private enum OperationName {
        CHAT,
        TEXT_COMPLETION,
        EMBEDDINGS,
        OTHER;

        private final String label = name().toLowerCase(Locale.ROOT);

        /** Responses are chat, as instrumentations of OpenAI's libraries have it. */
        static OperationName ofApi(Api api) {
            return switch (api) {
                case CHAT_COMPLETIONS, RESPONSES -> CHAT;
                case COMPLETIONS -> TEXT_COMPLETION;
                case EMBEDDINGS -> EMBEDDINGS;
                case OTHER -> OTHER;
            };
        }
    }

    private static final int OPERATIONS = OperationName.values().length;

    private final Histogram firstToken = GenAiFamily.FIRST_TOKEN.newHistogram();
    private final Histogram perOutputToken = GenAiFamily.PER_OUTPUT_TOKEN.newHistogram();
    private final Histogram usage = GenAiFamily.TOKEN_USAGE.newHistogram();
    private final AtomicReferenceArray<@Nullable Operation> operations = new AtomicReferenceArray<>(OPERATIONS);

    private final String backend;
    private final String provider;
    private final String model;

    /** @param provider by OpenTelemetry's name */
    ModelSeries(String backend, String provider, String model) {
        this.backend = backend;
        this.provider = provider;
        this.model = model;
    }

    private record Operation(
            Histogram.Child firstToken,
            Histogram.Child perOutputToken,
            Histogram.Child inputTokens,
            Histogram.Child outputTokens) {}

    /** Whether an outcome is of those that are counted by models. */
    static boolean appliesTo(Outcome outcome) {
        return outcome.firstTokenNanos() >= 0 || outcome.usage().isPresent();
    }

    void count(Outcome outcome) {
        Operation of = operation(OperationName.ofApi(outcome.requestClass().api()));
        if (outcome.firstTokenNanos() >= 0) {
            of.firstToken().observe(outcome.firstTokenNanos() / NANOS_PER_SECOND);
        }
        if (outcome.tokenNanos() >= 0) {
            of.perOutputToken().observe(outcome.tokenNanos() / NANOS_PER_SECOND);
        }
        if (outcome.usage().isPresent()) {
            Usage its = outcome.usage().get();
            of.inputTokens().observe(its.inputTokens());
            of.outputTokens().observe(its.outputTokens());
        }
    }

    private Operation operation(OperationName name) {
        @Nullable Operation known = operations.get(name.ordinal());
        if (known == null) {
            // Two threads that make it at once get the same children.
            known = new Operation(
                    firstToken.labels(backend, name.label, provider, model),
                    perOutputToken.labels(backend, name.label, provider, model),
                    usage.labels(backend, name.label, provider, model, "input"),
                    usage.labels(backend, name.label, provider, model, "output"));
            operations.set(name.ordinal(), known);
        }
        return known;
    }

    List<Sample> samples(GenAiFamily family) {
        Histogram part =
                switch (family) {
                    case FIRST_TOKEN -> firstToken;
                    case PER_OUTPUT_TOKEN -> perOutputToken;
                    case TOKEN_USAGE -> usage;
                };
        return part.collect().get(0).samples;
    }

    String model() {
        return model;
    }

    double inputTokens() {
        return sum(of -> of.inputTokens().get().sum);
    }

    double outputTokens() {
        return sum(of -> of.outputTokens().get().sum);
    }

    private double sum(ToDoubleFunction<Operation> tokens) {
        double sum = 0;
        for (int i = 0; i < OPERATIONS; i++) {
            @Nullable Operation of = operations.get(i);
            if (of != null) {
                sum += tokens.applyAsDouble(of);
            }
        }
        return sum;
    }
}
