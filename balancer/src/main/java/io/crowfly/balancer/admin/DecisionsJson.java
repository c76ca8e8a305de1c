package io.crowfly.balancer.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.balancer.content.Usage;
import io.crowfly.balancer.exchange.Outcome;
import io.crowfly.balancer.exchange.Tried;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Candidates.Candidate;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code GET /decisions}: where requests were sent, what else there was to choose from, and what came of it. */
record DecisionsJson(List<Outcome> outcomes) implements Json.Writer {

    @Override
    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartArray();
        for (Outcome outcome : outcomes) {
            write(json, outcome);
        }
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, Outcome outcome) throws IOException {
        Candidates candidates = outcome.candidates();
        json.writeStartObject();
        json.writeStringField("requestId", outcome.requestId());
        Json.stringOrNull(json, "upstreamRequestId", outcome.upstreamRequestId());
        json.writeStringField(
                "time", Instant.ofEpochMilli(outcome.startedEpochMillis()).toString());
        json.writeStringField("method", outcome.method());
        json.writeStringField("path", outcome.path());
        Json.stringOrNull(json, "model", outcome.model());
        Json.stringOrNull(
                json,
                "chosen",
                outcome.upstream().map(upstream -> upstream.backend().name()).orElse(""));
        Json.stringOrNull(json, "upstreamModel", outcome.upstreamModel().orElse(""));
        json.writeStringField("why", outcome.why());
        Json.stringOrNull(json, "rule", candidates.rule().orElse(""));
        json.writeBooleanField("panic", candidates.panic());
        Json.millis(json, "toleranceMs", candidates.bandNanos());
        json.writeArrayFieldStart("candidates");
        for (int place = 0; place < candidates.list().size(); place++) {
            new CandidateJson(candidates.list().get(place), candidates.isOpen(place)).writeTo(json);
        }
        json.writeEndArray();
        json.writeObjectFieldStart("outcome");
        json.writeNumberField("status", outcome.status());
        Json.stringOrNull(json, "failure", outcome.failure().orElse(""));
        json.writeNumberField("attempts", outcome.attempts());
        json.writeBooleanField("retryDenied", outcome.retryDenied());
        json.writeArrayFieldStart("tried");
        for (Tried tried : outcome.tried()) {
            write(json, tried, candidates.list().get(tried.place()));
        }
        json.writeEndArray();
        Json.millis(json, "ttfbMs", outcome.firstByteNanos());
        Json.millis(json, "ttftMs", outcome.firstTokenNanos());
        Json.millis(json, "tokenMs", outcome.tokenNanos());
        Json.millis(json, "totalMs", outcome.totalNanos());
        writeTokens(json, outcome.usage());
        json.writeEndObject();
        json.writeEndObject();
    }

    /** Null where the backend did not say. */
    private static void writeTokens(JsonGenerator json, Optional<Usage> usage) throws IOException {
        if (usage.isPresent()) {
            json.writeNumberField("inputTokens", usage.get().inputTokens());
            json.writeNumberField("outputTokens", usage.get().outputTokens());
        } else {
            json.writeNullField("inputTokens");
            json.writeNullField("outputTokens");
        }
    }

    private static void write(JsonGenerator json, Tried tried, Candidate candidate) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", candidate.standing().backend().name());
        json.writeStringField("role", tried.role().name().toLowerCase(Locale.ROOT));
        json.writeStringField("why", tried.why());
        json.writeStringField("end", tried.end());
        if (tried.inFlight() > 0) {
            json.writeNumberField("inFlight", tried.inFlight());
            json.writeBooleanField("warm", tried.warm());
            double cost = candidate.cost().at(tried.inFlight());
            Json.millis(json, "costMs", (long) cost);
            Json.millis(json, "loadMs", (long) (cost - candidate.cost().nowNanos()));
        }
        Json.millis(json, "firstTokenMs", tried.firstTokenNanos());
        json.writeEndObject();
    }
}
