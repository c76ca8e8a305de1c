package io.crowfly.balancer.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.balancer.exchange.Snapshot;
import io.crowfly.balancer.exchange.Upstream;
import io.crowfly.balancer.metrics.Metrics;
import io.crowfly.probes.ProbeTimes;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.Standing;
import io.crowfly.probes.Standing.Health;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * {@code GET /backends}: every backend, best first, as the ranking has them. {@code probeMs} has the parts of the last
 * successful probe; null stands for what is not known, or not part of this kind of probe.
 */
record BackendsJson(Snapshot snapshot, Ranking ranking, Metrics metrics) implements Json.Writer {

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
        Json.millis(json, "latencyMs", standing.latencyNanos());
        ProbeTimes probe = standing.lastProbe();
        json.writeObjectFieldStart("probeMs");
        Json.millis(json, "connect", probe.connectNanos());
        Json.millis(json, "tls", probe.tlsNanos());
        Json.millis(json, "firstByte", probe.firstByteNanos());
        json.writeEndObject();
        json.writeNumberField("inFlight", upstream.inFlight());
        json.writeNumberField("requests", metrics.requests(name));
        json.writeNumberField("errors", metrics.errors(name));
        if (standing.lastProbeEpochMillis() == 0) {
            json.writeNullField("lastProbe");
        } else {
            json.writeStringField(
                    "lastProbe",
                    Instant.ofEpochMilli(standing.lastProbeEpochMillis()).toString());
        }
        json.writeEndObject();
    }
}
