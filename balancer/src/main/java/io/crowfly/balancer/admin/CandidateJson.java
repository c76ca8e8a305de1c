package io.crowfly.balancer.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.probes.Prediction;
import java.io.IOException;
import java.util.Locale;

/**
 * One backend that a request might have gone to, with what made it look as good as it did. The figures are those of the
 * request's own kind: its class and size.
 *
 * @param open whether it could be sent to
 */
record CandidateJson(Candidate candidate, boolean open) implements Json.Writer {

    @Override
    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", candidate.standing().backend().name());
        json.writeNumberField("tier", candidate.standing().backend().tier());
        json.writeStringField("health", candidate.standing().health().name().toLowerCase(Locale.ROOT));
        json.writeBooleanField("open", open);
        Json.stringOrNull(json, "note", candidate.note());
        Json.share(json, "share", candidate.share());
        writePrediction(json, candidate.prediction());
        Json.millis(json, "costMs", (long) candidate.cost().nowNanos());
        Json.share(json, "usualLoad", candidate.cost().usualLoad());
        Json.share(json, "room", candidate.cost().room());
        json.writeEndObject();
    }

    /** The median, and the two parts that it is the sum of. */
    static void writePrediction(JsonGenerator json, Prediction prediction) throws IOException {
        long median = prediction.medianNanos();
        Json.millis(json, "latencyMs", median);
        if (prediction.known()) {
            Json.millis(json, "networkMs", prediction.networkNanos());
            Json.millis(json, "serviceMs", median - prediction.networkNanos());
            Json.share(json, "uncertainty", prediction.uncertainty());
        }
        json.writeStringField("basis", prediction.basis().name().toLowerCase(Locale.ROOT));
    }
}
