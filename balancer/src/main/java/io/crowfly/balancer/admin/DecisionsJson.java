package io.crowfly.balancer.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.balancer.attempt.AttemptRecord;
import io.crowfly.balancer.content.response.Usage;
import io.crowfly.balancer.exchange.Outcome;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Candidates.Candidate;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * JSON of the page {@code GET /decisions}: for each recent request the chosen backend, the other candidates, and the
 * outcome.
 */
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
        Json.writeStringOrNull(json, "upstreamRequestId", outcome.upstreamRequestId());
        json.writeStringField(
                "time", Instant.ofEpochMilli(outcome.startedEpochMillis()).toString());
        json.writeStringField("method", outcome.method());
        json.writeStringField("path", outcome.path());
        Json.writeStringOrNull(json, "model", outcome.model());
        Json.writeStringOrNull(
                json,
                "chosen",
                outcome.upstream().map(upstream -> upstream.backend().name()).orElse(""));
        Json.writeStringOrNull(json, "upstreamModel", outcome.upstreamModel().orElse(""));
        json.writeStringField("why", outcome.why());
        Json.writeStringOrNull(json, "rule", candidates.rule().orElse(""));
        json.writeBooleanField("panic", candidates.panic());
        Json.writeMillis(json, "toleranceMs", candidates.toleranceNanos());
        json.writeArrayFieldStart("candidates");
        for (int place = 0; place < candidates.list().size(); place++) {
            new CandidateJson(candidates.list().get(place), candidates.isOpen(place)).writeTo(json);
        }
        json.writeEndArray();
        json.writeObjectFieldStart("outcome");
        json.writeNumberField("status", outcome.status());
        Json.writeStringOrNull(json, "failure", outcome.failure().orElse(""));
        json.writeNumberField("attempts", outcome.attempts());
        json.writeBooleanField("retryDenied", outcome.retryDenied());
        json.writeArrayFieldStart("tried");
        for (AttemptRecord attempt : outcome.attemptRecords()) {
            write(json, attempt, candidates.list().get(attempt.place()));
        }
        json.writeEndArray();
        Json.writeMillis(json, "ttfbMs", outcome.firstByteNanos());
        Json.writeMillis(json, "ttftMs", outcome.firstTokenNanos());
        Json.writeMillis(json, "tokenMs", outcome.tokenNanos());
        Json.writeMillis(json, "totalMs", outcome.totalNanos());
        writeTokens(json, outcome.usage());
        json.writeEndObject();
        json.writeEndObject();
    }

    /** Writes the numbers of tokens that the backend reported; null if it reported none. */
    private static void writeTokens(JsonGenerator json, Optional<Usage> usage) throws IOException {
        if (usage.isPresent()) {
            json.writeNumberField("inputTokens", usage.get().inputTokens());
            json.writeNumberField("outputTokens", usage.get().outputTokens());
        } else {
            json.writeNullField("inputTokens");
            json.writeNullField("outputTokens");
        }
    }

    private static void write(JsonGenerator json, AttemptRecord attempt, Candidate candidate) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", candidate.snapshot().backend().name());
        json.writeStringField("role", attempt.role().name().toLowerCase(Locale.ROOT));
        json.writeStringField("why", attempt.why());
        json.writeStringField("end", attempt.outcome());
        if (attempt.inFlight() > 0) {
            json.writeNumberField("inFlight", attempt.inFlight());
            json.writeBooleanField("warm", attempt.warm());
            double cost = candidate.cost().nanosAt(attempt.inFlight());
            Json.writeMillis(json, "costMs", (long) cost);
            Json.writeMillis(json, "loadMs", (long) (cost - candidate.cost().singleNanos()));
        }
        Json.writeMillis(json, "firstTokenMs", attempt.firstTokenNanos());
        json.writeEndObject();
    }
}
