package io.crowfly.balancer.metrics;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Histogram;

/** Metric families of requests and probes, in which each backend has its own series. */
final class RequestFamilies {

    /**
     * Value of the labels {@code backend} and {@code provider} if the request was sent to no backend. Prometheus treats
     * an empty label as absent.
     */
    static final String NO_BACKEND = "";

    /**
     * Buckets of request durations, in seconds. From a cached embedding in the same data centre to a long completion.
     * Differences below the first bucket do not matter, and every time above the last is too long.
     */
    private static final double[] REQUEST_BUCKETS = {
        0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 20, 30, 60, 120
    };

    /**
     * Buckets of probe durations, in seconds. From a round trip inside a data centre to somewhat more than a probe's
     * usual timeout.
     */
    private static final double[] PROBE_BUCKETS = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 2, 5};

    /**
     * Buckets of the time between tokens, in seconds. From a small model on fast hardware to the speed of reading; a
     * slower stream is slow for every user.
     */
    private static final double[] TOKEN_BUCKETS = {0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1};

    /** Buckets of the real time divided by the forecast. Narrowest around 1, where good forecasts are. */
    private static final double[] RATIO_BUCKETS = {0.5, 0.7, 0.8, 0.9, 0.95, 1, 1.05, 1.1, 1.25, 1.5, 2, 4};

    final Counter requests;
    final Counter errors;
    final Counter requestBytes;
    final Counter responseBytes;
    final Counter probes;
    final Histogram duration;
    final Histogram firstByte;
    final Histogram firstToken;
    final Histogram betweenTokens;
    final Histogram predictionRatio;
    final Counter truncated;
    final Histogram probeDuration;
    final Counter repaired;

    RequestFamilies(CollectorRegistry registry) {
        requests = counter(
                registry,
                "crowfly_requests_total",
                "Requests that ended, by the class of the response's status.",
                "code");
        errors = counter(
                registry,
                "crowfly_request_errors_total",
                "Requests that failed with a 5xx or a broken response while the client was still connected.");
        requestBytes = counter(registry, "crowfly_request_body_bytes_total", "Bytes of request bodies.");
        responseBytes = counter(registry, "crowfly_response_body_bytes_total", "Bytes of response bodies.");
        probes = counter(registry, "crowfly_probes_total", "Probes that ended.", "result");
        duration = histogram(
                registry,
                "crowfly_request_duration_seconds",
                "From the request's head to the end of its response.",
                REQUEST_BUCKETS);
        firstByte = histogram(
                registry,
                "crowfly_time_to_first_byte_seconds",
                "From the request's head to the head of its response.",
                REQUEST_BUCKETS);
        firstToken = histogram(
                registry,
                "crowfly_time_to_first_token_seconds",
                "From the request's head to the first token, for responses that are token streams.",
                REQUEST_BUCKETS);
        betweenTokens = histogram(
                registry,
                "crowfly_time_between_tokens_seconds",
                "The mean time between tokens of each token stream that ended without a failure.",
                TOKEN_BUCKETS);
        predictionRatio = histogram(
                registry,
                "crowfly_prediction_ratio",
                "The time to the first token, divided by the forecast median; only first attempts with live data."
                        + " Without bias half of the ratios are at most 1, so le=1 divided by the count is 0.5.",
                RATIO_BUCKETS);
        truncated = counter(
                registry,
                "crowfly_truncated_streams_total",
                "Token streams that ended with correct framing but without their last event.");
        repaired = counter(
                registry,
                "crowfly_repaired_attempts_total",
                "Failed attempts of requests that another attempt has served, by the reason of the failure.",
                "reason");
        probeDuration = histogram(
                registry,
                "crowfly_probe_duration_seconds",
                "The parts of successful probes: connect, tls, first_byte.",
                PROBE_BUCKETS,
                "part");
    }

    private static Counter counter(CollectorRegistry registry, String name, String help, String... more) {
        return Counter.build(name, help)
                .labelNames(labels(more))
                .withoutExemplars()
                .register(registry);
    }

    private static Histogram histogram(
            CollectorRegistry registry, String name, String help, double[] buckets, String... more) {
        return Histogram.build(name, help)
                .labelNames(labels(more))
                .buckets(buckets)
                .withoutExemplars()
                .register(registry);
    }

    private static String[] labels(String... more) {
        return more.length == 0 ? new String[] {"backend", "provider"} : new String[] {"backend", "provider", more[0]};
    }
}
