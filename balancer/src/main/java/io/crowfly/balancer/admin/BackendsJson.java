package io.crowfly.balancer.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.balancer.credential.CredentialSource;
import io.crowfly.balancer.credential.CredentialStatus;
import io.crowfly.balancer.credential.Shown;
import io.crowfly.balancer.exchange.Snapshot;
import io.crowfly.balancer.exchange.Upstream;
import io.crowfly.balancer.metrics.Metrics;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.probes.Api;
import io.crowfly.probes.ClassOutlook;
import io.crowfly.probes.Outlook;
import io.crowfly.probes.Parking;
import io.crowfly.probes.ProbeTimes;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.RequestClass;
import io.crowfly.probes.Standing;
import io.crowfly.probes.Standing.Health;
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
 * {@code GET /backends}: every backend, best first, as the ranking has them. {@code probeMs} has the parts of the last
 * successful probe; null stands for what is not known, or not part of this kind of probe.
 */
final class BackendsJson implements Json.Writer {

    /** Clients choose the names of models; the page stays one that people can read. */
    private static final int MOST_CLASSES = 10;

    /** What shares are shown of before there was any traffic. */
    private static final RequestClass ANY = new RequestClass(Api.CHAT_COMPLETIONS, "", false);

    private final Snapshot snapshot;
    private final Ranking ranking;
    private final Metrics metrics;
    private final List<RequestClass> busiest;

    BackendsJson(Snapshot snapshot, Ranking ranking, Metrics metrics) {
        this.snapshot = snapshot;
        this.ranking = ranking;
        this.metrics = metrics;
        Comparator<Map.Entry<RequestClass, ClassOutlook>> fewestFirst =
                Comparator.comparingDouble(entry -> entry.getValue().recentAnswers());
        busiest = ranking.classes().entrySet().stream()
                .filter(entry -> entry.getValue().sizesSeen() != 0)
                .sorted(fewestFirst.reversed())
                .limit(MOST_CLASSES)
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public void writeTo(JsonGenerator json) throws IOException {
        Map<String, Upstream> upstreams = snapshot.upstreams().stream()
                .collect(Collectors.toMap(upstream -> upstream.backend().name(), Function.identity()));
        json.writeStartArray();
        for (Standing standing : ranking.standings()) {
            Upstream upstream = upstreams.get(standing.backend().name());
            if (upstream != null) {
                write(json, standing, upstream);
            }
        }
        json.writeEndArray();
    }

    private void write(JsonGenerator json, Standing standing, Upstream upstream) throws IOException {
        String name = standing.backend().name();
        json.writeStartObject();
        json.writeStringField("name", name);
        json.writeStringField("provider", standing.backend().provider().label());
        json.writeStringField("region", standing.backend().region());
        json.writeBooleanField("healthy", standing.health() == Health.HEALTHY);
        json.writeStringField("reason", standing.reason());
        json.writeBooleanField("ejected", standing.ejected());
        json.writeBooleanField("unauthorized", standing.unauthorized());
        write(json, upstream.credential());
        writeParked(json, standing);
        Json.millis(json, "latencyMs", standing.latencyNanos());
        writeProbe(json, standing.lastProbe());
        json.writeNumberField("inFlight", upstream.inFlight());
        json.writeNumberField("requests", metrics.requests(name));
        json.writeNumberField("errors", metrics.errors(name));
        Json.share(json, "failureShare", standing.failureShare());
        writeShare(json, candidate(busiest.isEmpty() ? ANY : busiest.get(0), standing));
        json.writeArrayFieldStart("classes");
        for (RequestClass requestClass : busiest) {
            write(json, requestClass, standing);
        }
        json.writeEndArray();
        Json.stringOrNull(json, "lastProbe", time(standing.lastProbeEpochMillis()));
        json.writeEndObject();
    }

    /** {@code ok} says whether there is one to show; the failures are those to get the next one, which it may take days to need. */
    private static void write(JsonGenerator json, CredentialSource credential) throws IOException {
        CredentialStatus status = credential.status();
        String missing = credential.now() instanceof Shown.Missing its ? its.why() : "";
        json.writeObjectFieldStart("credential");
        json.writeStringField("kind", status.kind());
        json.writeBooleanField("ok", missing.isEmpty());
        Json.stringOrNull(
                json, "expires", status.expires().map(Instant::toString).orElse(""));
        json.writeNumberField("failures", status.failures());
        Json.stringOrNull(json, "reason", status.reason().isEmpty() ? missing : status.reason());
        json.writeEndObject();
    }

    private static String time(long epochMillis) {
        return epochMillis == 0 ? "" : Instant.ofEpochMilli(epochMillis).toString();
    }

    private static void writeProbe(JsonGenerator json, ProbeTimes probe) throws IOException {
        json.writeObjectFieldStart("probeMs");
        Json.millis(json, "connect", probe.connectNanos());
        Json.millis(json, "tls", probe.tlsNanos());
        Json.millis(json, "firstByte", probe.firstByteNanos());
        json.writeEndObject();
    }

    private void writeParked(JsonGenerator json, Standing standing) throws IOException {
        json.writeArrayFieldStart("parked");
        for (Map.Entry<String, Parking> entry : new TreeMap<>(standing.parked()).entrySet()) {
            Parking parking = entry.getValue();
            json.writeStartObject();
            Json.stringOrNull(json, "model", entry.getKey());
            json.writeStringField(
                    "cause", parking.cause().name().toLowerCase(Locale.ROOT).replace('_', '-'));
            json.writeNumberField(
                    "msLeft", TimeUnit.NANOSECONDS.toMillis(Math.max(0, parking.untilNanos() - ranking.atNanos())));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void write(JsonGenerator json, RequestClass requestClass, Standing standing) throws IOException {
        Outlook outlook = standing.outlook(requestClass);
        json.writeStartObject();
        json.writeStringField("api", requestClass.api().name().toLowerCase(Locale.ROOT));
        Json.stringOrNull(json, "model", requestClass.model());
        json.writeBooleanField("streamed", requestClass.streamed());
        writeShare(json, candidate(requestClass, standing));
        CandidateJson.writePrediction(json, outlook.prediction());
        Json.millis(json, "tokenMs", outlook.prediction().tokenNanos());
        json.writeEndObject();
    }

    /** Null where it may not be sent such requests at all. */
    private static void writeShare(JsonGenerator json, Optional<Candidate> candidate) throws IOException {
        if (candidate.isPresent()) {
            Json.share(json, "share", candidate.get().share());
        } else {
            json.writeNullField("share");
        }
    }

    private Optional<Candidate> candidate(RequestClass requestClass, Standing standing) {
        return snapshot.table().unconfined(requestClass).list().stream()
                .filter(candidate -> candidate.standing().backend().equals(standing.backend()))
                .findFirst();
    }
}
