package io.crowfly.balancer.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.balancer.attempt.Snapshot;
import io.crowfly.balancer.attempt.Upstream;
import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.credential.CredentialSource;
import io.crowfly.balancer.credential.CredentialStatus;
import io.crowfly.balancer.metrics.Metrics;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.ModelHealth;
import io.crowfly.probes.Parking;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.ClassForecast;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * JSON of the page {@code GET /backends}: state, latency and traffic share of every backend, in the order of the
 * ranking, best first. {@code probeMs} contains the parts of the last successful probe. A part is null if it is unknown
 * or does not exist in this kind of probe.
 */
final class BackendsJson implements Json.Writer {

    /**
     * Maximum number of request classes on the page, so that the page stays readable. Clients can send any number of
     * model names.
     */
    private static final int MAX_CLASSES = 10;

    /** Request class whose shares are shown before the first request. */
    private static final RequestClass CLASS_BEFORE_TRAFFIC = new RequestClass(Api.CHAT_COMPLETIONS, "", false);

    private final Snapshot snapshot;
    private final Ranking ranking;
    private final Metrics metrics;
    private final List<RequestClass> busiest;

    BackendsJson(Snapshot snapshot, Ranking ranking, Metrics metrics) {
        this.snapshot = snapshot;
        this.ranking = ranking;
        this.metrics = metrics;
        Comparator<Map.Entry<RequestClass, ClassForecast>> fewestFirst =
                Comparator.comparingDouble(entry -> entry.getValue().recentResponses());
        busiest = ranking.classes().entrySet().stream()
                .filter(entry -> entry.getValue().sizesSeen() != 0)
                .sorted(fewestFirst.reversed())
                .limit(MAX_CLASSES)
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public void writeTo(JsonGenerator json) throws IOException {
        Map<String, Upstream> upstreams = snapshot.upstreams().stream()
                .collect(Collectors.toMap(upstream -> upstream.backend().name(), Function.identity()));
        json.writeStartArray();
        for (BackendSnapshot ranked : ranking.snapshots()) {
            Upstream upstream = upstreams.get(ranked.backend().name());
            if (upstream != null) {
                write(json, ranked, upstream);
            }
        }
        json.writeEndArray();
    }

    private void write(JsonGenerator json, BackendSnapshot ranked, Upstream upstream) throws IOException {
        String name = ranked.backend().name();
        json.writeStartObject();
        json.writeStringField("name", name);
        json.writeStringField("provider", ranked.backend().provider().label());
        json.writeStringField("region", ranked.backend().region());
        json.writeBooleanField("healthy", ranked.health() == Health.HEALTHY);
        json.writeStringField("reason", ranked.reason());
        json.writeBooleanField("ejected", ranked.ejected());
        json.writeBooleanField("unauthorized", ranked.unauthorized());
        write(json, upstream.credential());
        writeEjectedModels(json, ranked);
        writeParked(json, ranked);
        Json.writeMillis(json, "latencyMs", ranked.latencyNanos());
        writeProbe(json, ranked.lastProbe());
        json.writeNumberField("inFlight", upstream.inFlight());
        json.writeNumberField("requests", metrics.requests(name));
        json.writeNumberField("errors", metrics.errors(name));
        Json.writeShare(json, "failureShare", ranked.failureShare());
        writeShare(json, candidate(busiest.isEmpty() ? CLASS_BEFORE_TRAFFIC : busiest.get(0), ranked));
        json.writeArrayFieldStart("classes");
        for (RequestClass requestClass : busiest) {
            write(json, requestClass, ranked);
        }
        json.writeEndArray();
        Json.writeStringOrNull(json, "lastProbe", time(ranked.lastProbeEpochMillis()));
        json.writeEndObject();
    }

    /**
     * Writes the state of a backend's credential. {@code ok}: there is a credential to attach. {@code failures}:
     * failures to renew the credential, which may happen days before the current one expires.
     */
    private static void write(JsonGenerator json, CredentialSource credential) throws IOException {
        CredentialStatus status = credential.status();
        String missing = credential.current() instanceof AttachedCredential.Missing absent ? absent.reason() : "";
        json.writeObjectFieldStart("credential");
        json.writeStringField("kind", status.kind());
        json.writeBooleanField("ok", missing.isEmpty());
        Json.writeStringOrNull(
                json, "expires", status.expires().map(Instant::toString).orElse(""));
        json.writeNumberField("failures", status.failures());
        Json.writeStringOrNull(json, "reason", status.reason().isEmpty() ? missing : status.reason());
        json.writeEndObject();
    }

    private static String time(long epochMillis) {
        return epochMillis == 0 ? "" : Instant.ofEpochMilli(epochMillis).toString();
    }

    private static void writeProbe(JsonGenerator json, ProbeTimes probe) throws IOException {
        json.writeObjectFieldStart("probeMs");
        Json.writeMillis(json, "connect", probe.connectNanos());
        Json.writeMillis(json, "tls", probe.tlsNanos());
        Json.writeMillis(json, "firstByte", probe.firstByteNanos());
        json.writeEndObject();
    }

    private void writeEjectedModels(JsonGenerator json, BackendSnapshot ranked) throws IOException {
        json.writeArrayFieldStart("ejectedModels");
        for (Map.Entry<String, ModelHealth> entry : new TreeMap<>(ranked.models()).entrySet()) {
            Optional<ModelHealth.Ejected> ejection = entry.getValue().ejection();
            if (ejection.isPresent()) {
                write(json, entry.getKey(), ejection.get());
            }
        }
        json.writeEndArray();
    }

    /** Writes one ejected model; {@code msLeft} is null if only a passed probe ends the ejection. */
    private void write(JsonGenerator json, String model, ModelHealth.Ejected ejected) throws IOException {
        json.writeStartObject();
        json.writeStringField("model", model);
        json.writeStringField("cause", Json.name(ejected.cause()));
        json.writeStringField("reason", ejected.reason());
        if (ejected.untilNanos() == Long.MAX_VALUE) {
            json.writeNullField("msLeft");
        } else {
            json.writeNumberField("msLeft", millisUntil(ejected.untilNanos()));
        }
        json.writeEndObject();
    }

    private long millisUntil(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(Math.max(0, nanos - ranking.atNanos()));
    }

    private void writeParked(JsonGenerator json, BackendSnapshot ranked) throws IOException {
        json.writeArrayFieldStart("parked");
        for (Map.Entry<String, Parking> entry : new TreeMap<>(ranked.parked()).entrySet()) {
            Parking parking = entry.getValue();
            json.writeStartObject();
            Json.writeStringOrNull(json, "model", entry.getKey());
            json.writeStringField("cause", Json.name(parking.cause()));
            json.writeNumberField("msLeft", millisUntil(parking.untilNanos()));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void write(JsonGenerator json, RequestClass requestClass, BackendSnapshot ranked) throws IOException {
        Forecast forecast = ranked.forecast(requestClass);
        json.writeStartObject();
        json.writeStringField("api", requestClass.api().name().toLowerCase(Locale.ROOT));
        Json.writeStringOrNull(json, "model", requestClass.model());
        json.writeBooleanField("streamed", requestClass.streamed());
        Optional<Candidate> candidate = candidate(requestClass, ranked);
        writeShare(json, candidate);
        Json.writeShare(json, "failureShare", ranked.model(requestClass.model()).failureShare());
        long load =
                candidate.map(known -> (long) known.cost().plannedInFlight()).orElse(1L);
        writePrediction(json, forecast.predictionAt(load));
        Json.writeMillis(json, "tokenMs", forecast.prediction().tokenNanos());
        json.writeEndObject();
    }

    /** Writes the backend's share of the requests of one class; null if the backend does not serve the class. */
    private static void writeShare(JsonGenerator json, Optional<Candidate> candidate) throws IOException {
        if (candidate.isPresent()) {
            Json.writeShare(json, "share", candidate.get().share());
        } else {
            json.writeNullField("share");
        }
    }

    private Optional<Candidate> candidate(RequestClass requestClass, BackendSnapshot ranked) {
        return snapshot.table().candidatesWithoutRule(requestClass).list().stream()
                .filter(candidate -> candidate.snapshot().backend().equals(ranked.backend()))
                .findFirst();
    }

    /** Writes the predicted median latency and its two parts, the network time and the service time. */
    private static void writePrediction(JsonGenerator json, Prediction prediction) throws IOException {
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
