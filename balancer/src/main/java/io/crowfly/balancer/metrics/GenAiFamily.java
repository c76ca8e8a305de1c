package io.crowfly.balancer.metrics;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.Collector.Type;
import io.prometheus.client.Histogram;
import java.util.List;

/**
 * Metric families of OpenTelemetry's semantic conventions for generative AI: names in Prometheus spelling, labels and
 * buckets. So dashboards made for these conventions work. Each family also has the label {@code backend}.
 */
enum GenAiFamily {
    /** Time to the first token, measured from the head of the client's request. */
    FIRST_TOKEN(
            "gen_ai_server_time_to_first_token_seconds",
            "From the request's head to the first token, for responses that are token streams.",
            new double[] {0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}),
    PER_OUTPUT_TOKEN(
            "gen_ai_server_time_per_output_token_seconds",
            "The mean time between tokens of each token stream that ended without a failure.",
            new double[] {0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5}),
    TOKEN_USAGE("gen_ai_client_token_usage", "Tokens of each response, as the backend reports them.", new double[] {
        1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864
    });

    private static final String[] LABELS = {
        "backend", "gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model"
    };

    private static final String[] WITH_TYPE = {LABELS[0], LABELS[1], LABELS[2], LABELS[3], "gen_ai_token_type"};

    private final String metricName;
    private final String help;
    private final double[] buckets;

    GenAiFamily(String metricName, String help, double[] buckets) {
        this.metricName = metricName;
        this.help = help;
        this.buckets = buckets;
    }

    /** Returns a new histogram of this family that is not registered. */
    Histogram newHistogram() {
        return Histogram.build(metricName, help)
                .labelNames(this == TOKEN_USAGE ? WITH_TYPE : LABELS)
                .buckets(buckets)
                .withoutExemplars()
                .create();
    }

    MetricFamilySamples withSamples(List<Sample> samples) {
        return new MetricFamilySamples(metricName, Type.HISTOGRAM, help, samples);
    }
}
