package io.crowfly.balancer.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.LayoutBase;
import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.balancer.exchange.Outcome;
import java.io.IOException;
import java.time.Instant;
import java.util.stream.Collectors;

/**
 * Layout of the access log: formats the outcome of one exchange as one JSON line. The line contains the path but not
 * the query of the request, because a query may hold a key.
 */
final class AccessLogLayout extends LayoutBase<ILoggingEvent> {

    @Override
    public String doLayout(ILoggingEvent event) {
        Outcome outcome = (Outcome) event.getArgumentArray()[0];
        String region = event.getLoggerContextVO().getPropertyMap().getOrDefault(LogProperties.REGION, "");
        return JsonLine.of(json -> {
            json.writeStringField(
                    "time", Instant.ofEpochMilli(outcome.startedEpochMillis()).toString());
            writeUnlessEmpty(json, "region", region);
            json.writeStringField("requestId", outcome.requestId());
            writeUnlessEmpty(json, "upstreamRequestId", outcome.upstreamRequestId());
            json.writeStringField("client", outcome.client());
            json.writeStringField("method", outcome.method());
            json.writeStringField("path", outcome.path());
            writeUnlessEmpty(json, "model", outcome.model());
            if (outcome.upstream().isPresent()) {
                json.writeStringField(
                        "backend", outcome.upstream().get().backend().name());
            }
            writeUnlessEmpty(json, "upstreamModel", outcome.upstreamModel().orElse(""));
            writeUnlessEmpty(json, "why", outcome.why());
            json.writeNumberField("status", outcome.status());
            json.writeNumberField("attempts", outcome.attempts());
            json.writeNumberField("requestBytes", outcome.requestBytes());
            json.writeNumberField("responseBytes", outcome.responseBytes());
            if (outcome.usage().isPresent()) {
                json.writeNumberField("inputTokens", outcome.usage().get().inputTokens());
                json.writeNumberField("outputTokens", outcome.usage().get().outputTokens());
            }
            if (outcome.firstByteNanos() >= 0) {
                writeMillis(json, "ttfbMs", outcome.firstByteNanos());
            }
            if (outcome.firstTokenNanos() >= 0) {
                writeMillis(json, "ttftMs", outcome.firstTokenNanos());
            }
            writeMillis(json, "totalMs", outcome.totalNanos());
            if (outcome.attempts() > 1) {
                json.writeStringField("way", attempts(outcome));
            }
            if (outcome.truncated()) {
                json.writeBooleanField("truncated", true);
            }
            writeUnlessEmpty(json, "failure", outcome.failure().orElse(""));
        });
    }

    /** Returns the backend and result of each attempt, for example {@code a: 429, b: 200}. */
    private static String attempts(Outcome outcome) {
        return outcome.attemptRecords().stream()
                .map(attempt -> outcome.candidates()
                                .list()
                                .get(attempt.place())
                                .snapshot()
                                .backend()
                                .name()
                        + ": " + attempt.outcome())
                .collect(Collectors.joining(", "));
    }

    private static void writeUnlessEmpty(JsonGenerator json, String name, String value) throws IOException {
        if (!value.isEmpty()) {
            json.writeStringField(name, value);
        }
    }

    /** Writes a number field: nanoseconds as milliseconds with three decimals. */
    private static void writeMillis(JsonGenerator json, String name, long nanos) throws IOException {
        json.writeNumberField(name, Math.round(nanos / 1000.0) / 1000.0);
    }
}
