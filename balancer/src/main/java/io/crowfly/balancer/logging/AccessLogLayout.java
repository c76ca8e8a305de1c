package io.crowfly.balancer.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.LayoutBase;
import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.balancer.exchange.Outcome;
import java.io.IOException;
import java.time.Instant;
import java.util.stream.Collectors;

/** One outcome as a line of the access log. Of the target only the path: a query may hold a key. */
final class AccessLogLayout extends LayoutBase<ILoggingEvent> {

    @Override
    public String doLayout(ILoggingEvent event) {
        Outcome outcome = (Outcome) event.getArgumentArray()[0];
        String region = event.getLoggerContextVO().getPropertyMap().getOrDefault(LogProperties.REGION, "");
        return JsonLine.of(json -> {
            json.writeStringField(
                    "time", Instant.ofEpochMilli(outcome.startedEpochMillis()).toString());
            unlessEmpty(json, "region", region);
            json.writeStringField("requestId", outcome.requestId());
            unlessEmpty(json, "upstreamRequestId", outcome.upstreamRequestId());
            json.writeStringField("client", outcome.client());
            json.writeStringField("method", outcome.method());
            json.writeStringField("path", outcome.path());
            unlessEmpty(json, "model", outcome.model());
            if (outcome.upstream().isPresent()) {
                json.writeStringField(
                        "backend", outcome.upstream().get().backend().name());
            }
            unlessEmpty(json, "upstreamModel", outcome.upstreamModel().orElse(""));
            unlessEmpty(json, "why", outcome.why());
            json.writeNumberField("status", outcome.status());
            json.writeNumberField("attempts", outcome.attempts());
            json.writeNumberField("requestBytes", outcome.requestBytes());
            json.writeNumberField("responseBytes", outcome.responseBytes());
            if (outcome.usage().isPresent()) {
                json.writeNumberField("inputTokens", outcome.usage().get().inputTokens());
                json.writeNumberField("outputTokens", outcome.usage().get().outputTokens());
            }
            if (outcome.firstByteNanos() >= 0) {
                millis(json, "ttfbMs", outcome.firstByteNanos());
            }
            if (outcome.firstTokenNanos() >= 0) {
                millis(json, "ttftMs", outcome.firstTokenNanos());
            }
            millis(json, "totalMs", outcome.totalNanos());
            if (outcome.attempts() > 1) {
                json.writeStringField("way", way(outcome));
            }
            if (outcome.truncated()) {
                json.writeBooleanField("truncated", true);
            }
            unlessEmpty(json, "failure", outcome.failure().orElse(""));
        });
    }

    /** {@code a: 429, b: 200} */
    private static String way(Outcome outcome) {
        return outcome.attemptRecords().stream()
                .map(tried -> outcome.candidates()
                                .list()
                                .get(tried.place())
                                .snapshot()
                                .backend()
                                .name()
                        + ": " + tried.outcome())
                .collect(Collectors.joining(", "));
    }

    private static void unlessEmpty(JsonGenerator json, String name, String value) throws IOException {
        if (!value.isEmpty()) {
            json.writeStringField(name, value);
        }
    }

    /** To the microsecond. */
    private static void millis(JsonGenerator json, String name, long nanos) throws IOException {
        json.writeNumberField(name, Math.round(nanos / 1000.0) / 1000.0);
    }
}
