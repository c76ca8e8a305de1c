package io.crowfly.balancer.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Cost;
import io.crowfly.probes.forecast.Prediction;
import java.io.IOException;
import java.util.Locale;

/**
 * JSON of one candidate backend of a routing decision, with the figures by which candidates are compared. The figures
 * are for the request's class and size.
 *
 * @param open whether the request could be sent to the candidate
 */
record CandidateJson(Candidate candidate, boolean open) implements Json.Writer {

    @Override
    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", candidate.snapshot().backend().name());
        json.writeNumberField("tier", candidate.snapshot().backend().tier());
        json.writeStringField("health", candidate.snapshot().health().name().toLowerCase(Locale.ROOT));
        json.writeBooleanField("open", open);
        Json.writeStringOrNull(json, "note", candidate.note());
        Json.writeShare(json, "failureShare", candidate.model().failureShare());
        Json.writeShare(json, "share", candidate.share());
        Cost cost = candidate.cost();
        writePrediction(json, candidate.predictionAt((long) cost.plannedInFlight()));
        Json.writeMillis(json, "costMs", (long) cost.plannedNanos());
        Json.writeShare(json, "load", cost.plannedInFlight());
        Json.writeMillis(json, "loadMs", (long) (cost.plannedNanos() - cost.singleNanos()));
        json.writeEndObject();
    }

    /** Writes the predicted median latency and its two parts, the network time and the service time. */
    static void writePrediction(JsonGenerator json, Prediction prediction) throws IOException {
        long median = prediction.medianNanos();
        Json.writeMillis(json, "latencyMs", median);
        if (prediction.known()) {
            Json.writeMillis(json, "networkMs", prediction.networkNanos());
            Json.writeMillis(json, "serviceMs", median - prediction.networkNanos());
            Json.writeShare(json, "uncertainty", prediction.uncertainty());
        }
        json.writeStringField("basis", prediction.basis().name().toLowerCase(Locale.ROOT));
    }
}
