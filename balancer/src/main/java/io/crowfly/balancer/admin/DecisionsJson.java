package io.crowfly.balancer.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.balancer.exchange.Outcome;
import io.crowfly.balancer.exchange.Tried;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.probes.Standing;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

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
        json.writeStartObject();
        json.writeStringField("requestId", outcome.requestId());
        stringOrNull(json, "upstreamRequestId", outcome.upstreamRequestId());
        json.writeStringField(
                "time", Instant.ofEpochMilli(outcome.startedEpochMillis()).toString());
        json.writeStringField("method", outcome.method());
        json.writeStringField("path", outcome.path());
        stringOrNull(json, "model", outcome.model());
        stringOrNull(
                json,
                "chosen",
                outcome.upstream().map(upstream -> upstream.backend().name()).orElse(""));
        json.writeArrayFieldStart("candidates");
        for (Candidate candidate : outcome.candidates().list()) {
            write(json, candidate.standing());
        }
        json.writeEndArray();
        json.writeStringField("why", outcome.why());
        json.writeObjectFieldStart("outcome");
        json.writeNumberField("status", outcome.status());
        stringOrNull(json, "failure", outcome.failure().orElse(""));
        json.writeNumberField("attempts", outcome.attempts());
        json.writeArrayFieldStart("tried");
        for (Tried tried : outcome.tried()) {
            json.writeStartObject();
            json.writeStringField(
                    "name",
                    outcome.candidates()
                            .list()
                            .get(tried.place())
                            .standing()
                            .backend()
                            .name());
            json.writeStringField("why", tried.why());
            json.writeStringField("end", tried.end());
            json.writeEndObject();
        }
        json.writeEndArray();
        Json.millis(json, "ttfbMs", outcome.firstByteNanos());
        Json.millis(json, "ttftMs", outcome.firstTokenNanos());
        Json.millis(json, "totalMs", outcome.totalNanos());
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Standing standing) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", standing.backend().name());
        Json.millis(json, "latencyMs", standing.latencyNanos());
        json.writeStringField("health", standing.health().name().toLowerCase(Locale.ROOT));
        json.writeEndObject();
    }

    private static void stringOrNull(JsonGenerator json, String name, String value) throws IOException {
        if (value.isEmpty()) {
            json.writeNullField(name);
        } else {
            json.writeStringField(name, value);
        }
    }
}
