package io.crowfly.balancer.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.balancer.admin.decision.Decision;
import io.crowfly.probes.forecast.ProbeTimes;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * JSON of the page {@code GET /decisions}: for each recent request the chosen backend, the other candidates, and the
 * outcome.
 */
record DecisionsJson(List<Decision> decisions) implements Json.Writer {

    @Override
    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartArray();
        for (Decision decision : decisions) {
            write(json, decision);
        }
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, Decision decision) throws IOException {
        json.writeStartObject();
        json.writeStringField("requestId", decision.requestId());
        Json.writeStringOrNull(json, "upstreamRequestId", decision.upstreamRequestId());
        json.writeStringField(
                "time", Instant.ofEpochMilli(decision.startedEpochMillis()).toString());
        json.writeStringField("method", decision.method());
        json.writeStringField("path", decision.path());
        Json.writeStringOrNull(json, "model", decision.model());
        Json.writeStringOrNull(json, "chosen", decision.chosen());
        Json.writeStringOrNull(json, "upstreamModel", decision.upstreamModel());
        json.writeStringField("why", decision.why());
        Json.writeStringOrNull(json, "rule", decision.rule());
        json.writeBooleanField("panic", decision.panic());
        Json.writeMillis(json, "toleranceMs", decision.toleranceNanos());
        json.writeArrayFieldStart("candidates");
        for (Decision.Option candidate : decision.candidates()) {
            write(json, candidate);
        }
        json.writeEndArray();
        json.writeObjectFieldStart("outcome");
        json.writeNumberField("status", decision.status());
        Json.writeStringOrNull(json, "failure", decision.failure());
        json.writeNumberField("attempts", decision.tried().size());
        json.writeBooleanField("retryDenied", decision.retryDenied());
        json.writeArrayFieldStart("tried");
        for (Decision.Try attempt : decision.tried()) {
            write(json, attempt);
        }
        json.writeEndArray();
        Json.writeMillis(json, "ttfbMs", decision.firstByteNanos());
        Json.writeMillis(json, "ttftMs", decision.firstTokenNanos());
        Json.writeMillis(json, "tokenMs", decision.tokenNanos());
        Json.writeMillis(json, "totalMs", decision.totalNanos());
        json.writeNumberField("requestBytes", decision.requestBytes());
        json.writeNumberField("responseBytes", decision.responseBytes());
        writeTokens(json, "inputTokens", decision.inputTokens());
        writeTokens(json, "outputTokens", decision.outputTokens());
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void writeTokens(JsonGenerator json, String name, long tokens) throws IOException {
        if (tokens == ProbeTimes.ABSENT) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, tokens);
        }
    }

    private static void write(JsonGenerator json, Decision.Option candidate) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", candidate.name());
        json.writeNumberField("tier", candidate.tier());
        json.writeStringField("health", candidate.health().name().toLowerCase(Locale.ROOT));
        json.writeBooleanField("open", candidate.open());
        Json.writeStringOrNull(json, "note", candidate.note());
        Json.writeShare(json, "failureShare", candidate.failureShare());
        Json.writeShare(json, "share", candidate.share());
        Json.writeMillis(json, "latencyMs", candidate.latencyNanos());
        if (candidate.known()) {
            Json.writeMillis(json, "networkMs", candidate.networkNanos());
            Json.writeMillis(json, "serviceMs", candidate.latencyNanos() - candidate.networkNanos());
            Json.writeShare(json, "uncertainty", candidate.uncertainty());
        }
        json.writeStringField("basis", candidate.basis().name().toLowerCase(Locale.ROOT));
        Json.writeMillis(json, "costMs", candidate.costNanos());
        Json.writeShare(json, "load", candidate.load());
        Json.writeMillis(json, "loadMs", candidate.loadNanos());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Decision.Try attempt) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", attempt.name());
        json.writeStringField("role", attempt.role().name().toLowerCase(Locale.ROOT));
        json.writeStringField("why", attempt.why());
        json.writeStringField("end", attempt.end());
        if (attempt.inFlight() > 0) {
            json.writeNumberField("inFlight", attempt.inFlight());
            json.writeBooleanField("warm", attempt.warm());
            Json.writeMillis(json, "costMs", attempt.costNanos());
            Json.writeMillis(json, "loadMs", attempt.loadNanos());
        }
        Json.writeMillis(json, "firstTokenMs", attempt.firstTokenNanos());
        json.writeEndObject();
    }
}
