package io.crowfly.balancer.metrics;

import io.crowfly.balancer.attempt.RepairReason;
import io.crowfly.balancer.exchange.Outcome;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.probes.ProbeResult;
import io.crowfly.probes.forecast.ProbeTimes;
import io.prometheus.client.Counter;
import io.prometheus.client.Histogram;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Metric series of one backend, resolved once, so that counting a request needs no look-up of labels. For any thread;
 * additions are striped by thread.
 */
final class BackendSeries {

    private static final List<String> CODES = List.of("1xx", "2xx", "3xx", "4xx", "5xx", "client_closed");
    private static final int CLIENT_CLOSED = 5;
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final RequestFamilies families;
    private final String backend;
    private final String provider;
    private final Counter.Child[] requests;
    private final Counter.Child errors;
    private final Counter.Child requestBytes;
    private final Counter.Child responseBytes;
    private final Histogram.Child duration;
    private final Histogram.Child firstByte;
    private final Histogram.Child firstToken;
    private final Histogram.Child betweenTokens;
    private final Histogram.Child predictionRatio;
    private final Counter.Child truncated;

    BackendSeries(RequestFamilies families, String backend, String provider) {
        this.families = families;
        this.backend = backend;
        this.provider = provider;
        requests = CODES.stream()
                .map(code -> families.requests.labels(backend, provider, code))
                .toArray(Counter.Child[]::new);
        errors = families.errors.labels(backend, provider);
        requestBytes = families.requestBytes.labels(backend, provider);
        responseBytes = families.responseBytes.labels(backend, provider);
        duration = families.duration.labels(backend, provider);
        firstByte = families.firstByte.labels(backend, provider);
        firstToken = families.firstToken.labels(backend, provider);
        betweenTokens = families.betweenTokens.labels(backend, provider);
        predictionRatio = families.predictionRatio.labels(backend, provider);
        truncated = families.truncated.labels(backend, provider);
    }

    String provider() {
        return provider;
    }

    void count(Outcome outcome) {
        requests[codeIndex(outcome.status())].inc();
        if (outcome.isError()) {
            errors.inc();
        }
        if (outcome.requestBytes() > 0) {
            requestBytes.inc(outcome.requestBytes());
        }
        if (outcome.responseBytes() > 0) {
            responseBytes.inc(outcome.responseBytes());
        }
        // A WebSocket's duration and time to the 101 response say nothing about the backend's latency.
        boolean webSocket = outcome.status() == ResponseHead.SWITCHING_PROTOCOLS;
        if (!webSocket) {
            duration.observe(outcome.totalNanos() / NANOS_PER_SECOND);
        }
        if (!webSocket && outcome.firstByteNanos() >= 0) {
            firstByte.observe(outcome.firstByteNanos() / NANOS_PER_SECOND);
        }
        if (outcome.firstTokenNanos() >= 0) {
            firstToken.observe(outcome.firstTokenNanos() / NANOS_PER_SECOND);
        }
        if (outcome.tokenNanos() >= 0) {
            betweenTokens.observe(outcome.tokenNanos() / NANOS_PER_SECOND);
        }
        if (outcome.truncated()) {
            truncated.inc();
        }
    }

    /**
     * Counts the error of a forecast.
     *
     * @param ratio real time to the first token of a first attempt, divided by the forecast median
     */
    void countPrediction(double ratio) {
        predictionRatio.observe(ratio);
    }

    /** Counts a failed attempt of a request that another attempt has served. Failures are rare. */
    void countRepaired(RepairReason reason) {
        families.repaired.labels(backend, provider, reason.label()).inc();
    }

    private static int codeIndex(int status) {
        return status == Outcome.CLIENT_CLOSED_REQUEST ? CLIENT_CLOSED : Math.max(1, Math.min(status / 100, 5)) - 1;
    }

    /** Counts a probe. Looking up labels is cheap enough here, because there is at most one probe a second. */
    void count(ProbeResult result) {
        families.probes
                .labels(backend, provider, result instanceof ProbeResult.Success ? "success" : "failure")
                .inc();
        if (result instanceof ProbeResult.Success success) {
            observe("connect", success.times().connectNanos());
            observe("tls", success.times().tlsNanos());
            observe("first_byte", success.times().firstByteNanos());
        }
    }

    private void observe(String part, long nanos) {
        if (nanos != ProbeTimes.ABSENT) {
            families.probeDuration.labels(backend, provider, part).observe(nanos / NANOS_PER_SECOND);
        }
    }

    long requests() {
        return (long) Stream.of(requests).mapToDouble(Counter.Child::get).sum();
    }

    long errors() {
        return (long) errors.get();
    }

    /** Removes all series of the backend. Later counts are not visible. */
    void remove() {
        CODES.forEach(code -> families.requests.remove(backend, provider, code));
        families.errors.remove(backend, provider);
        families.requestBytes.remove(backend, provider);
        families.responseBytes.remove(backend, provider);
        families.duration.remove(backend, provider);
        families.firstByte.remove(backend, provider);
        families.firstToken.remove(backend, provider);
        families.betweenTokens.remove(backend, provider);
        families.predictionRatio.remove(backend, provider);
        families.truncated.remove(backend, provider);
        Stream.of(RepairReason.values()).forEach(reason -> families.repaired.remove(backend, provider, reason.label()));
        List.of("success", "failure").forEach(result -> families.probes.remove(backend, provider, result));
        List.of("connect", "tls", "first_byte").forEach(part -> families.probeDuration.remove(backend, provider, part));
    }
}
