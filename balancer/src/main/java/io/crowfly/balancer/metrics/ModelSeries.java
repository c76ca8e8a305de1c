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
 * Metric series of one model at one backend. The series of an operation are created by its first request. For any
 * thread; additions are striped by thread.
 */
final class ModelSeries {

    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    /** OpenTelemetry's names of operations; {@code OTHER} for operations that OpenTelemetry does not name. */
    private enum OperationName {
        CHAT,
        TEXT_COMPLETION,
        EMBEDDINGS,
        OTHER;

        private final String label = name().toLowerCase(Locale.ROOT);

        /**
         * Returns the name of an operation. The Responses API is named chat, as in the instrumentations of OpenAI's
         * libraries.
         */
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

    /** @param provider OpenTelemetry's name of the provider */
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

    /** Returns whether an outcome is counted by model: it has a first token or reports its tokens. */
    static boolean appliesTo(Outcome outcome) {
        return outcome.firstTokenNanos() >= 0 || outcome.usage().isPresent();
    }

    void count(Outcome outcome) {
        Operation operation =
                operation(OperationName.ofApi(outcome.requestClass().api()));
        if (outcome.firstTokenNanos() >= 0) {
            operation.firstToken().observe(outcome.firstTokenNanos() / NANOS_PER_SECOND);
        }
        if (outcome.tokenNanos() >= 0) {
            operation.perOutputToken().observe(outcome.tokenNanos() / NANOS_PER_SECOND);
        }
        if (outcome.usage().isPresent()) {
            Usage reported = outcome.usage().get();
            operation.inputTokens().observe(reported.inputTokens());
            operation.outputTokens().observe(reported.outputTokens());
        }
    }

    private Operation operation(OperationName name) {
        @Nullable Operation operation = operations.get(name.ordinal());
        if (operation == null) {
            // Two threads that create the operation at the same time get the same children.
            operation = new Operation(
                    firstToken.labels(backend, name.label, provider, model),
                    perOutputToken.labels(backend, name.label, provider, model),
                    usage.labels(backend, name.label, provider, model, "input"),
                    usage.labels(backend, name.label, provider, model, "output"));
            operations.set(name.ordinal(), operation);
        }
        return operation;
    }

    List<Sample> samples(GenAiFamily family) {
        Histogram histogram =
                switch (family) {
                    case FIRST_TOKEN -> firstToken;
                    case PER_OUTPUT_TOKEN -> perOutputToken;
                    case TOKEN_USAGE -> usage;
                };
        return histogram.collect().get(0).samples;
    }

    String model() {
        return model;
    }

    double inputTokens() {
        return sum(operation -> operation.inputTokens().get().sum);
    }

    double outputTokens() {
        return sum(operation -> operation.outputTokens().get().sum);
    }

    private double sum(ToDoubleFunction<Operation> tokens) {
        double sum = 0;
        for (int i = 0; i < OPERATIONS; i++) {
            @Nullable Operation operation = operations.get(i);
            if (operation != null) {
                sum += tokens.applyAsDouble(operation);
            }
        }
        return sum;
    }
}
