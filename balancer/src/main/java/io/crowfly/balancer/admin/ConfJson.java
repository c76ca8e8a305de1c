package io.crowfly.balancer.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.conf.Backend;
import io.crowfly.conf.CertificateFiles;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Limits;
import io.crowfly.conf.Listener;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Provider;
import io.crowfly.conf.Quantity;
import io.crowfly.conf.Timeouts;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * A conf under the names that its file has for things, with every default filled in: durations and sizes as it
 * takes them, each backend with the probe that holds for it. A secret is never asked for its value here.
 */
record ConfJson(Conf conf) implements Json.Writer {

    private static final String SECRET = "***";

    @Override
    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("region", conf.region());
        json.writeArrayFieldStart("listeners");
        for (Listener listener : conf.listeners()) {
            write(json, listener);
        }
        json.writeEndArray();
        json.writeObjectFieldStart("admin");
        json.writeStringField("bind", conf.admin().bind().toString());
        json.writeEndObject();
        json.writeArrayFieldStart("backends");
        for (Backend backend : conf.backends()) {
            write(json, backend);
        }
        json.writeEndArray();
        json.writeFieldName("routing");
        new RoutingJson(conf.routing()).writeTo(json);
        write(json, conf.timeouts());
        write(json, conf.limits());
        if (conf.accessLog().isPresent()) {
            json.writeStringField(
                    "access-log",
                    conf.accessLog().get().file().map(Object::toString).orElse("stdout"));
        }
        json.writeBooleanField("trace-decisions", conf.traceDecisions());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Listener listener) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", listener.name());
        json.writeStringField("bind", listener.bind().toString());
        json.writeArrayFieldStart("protocols");
        for (Listener.Protocol protocol : listener.protocols()) {
            json.writeString(protocol.alpnName());
        }
        json.writeEndArray();
        if (listener.tls().isPresent()) {
            json.writeObjectFieldStart("tls");
            json.writeArrayFieldStart("certificates");
            for (CertificateFiles files : listener.tls().get().certificates()) {
                json.writeStartObject();
                json.writeStringField("cert", files.cert().toString());
                json.writeStringField("key", files.key().toString());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Backend backend) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", backend.name());
        json.writeStringField("provider", backend.provider().label());
        json.writeStringField("url", backend.url().toString());
        json.writeStringField("region", backend.region());
        if (backend.provider() instanceof Provider.Google google) {
            json.writeStringField("project", google.project());
            json.writeStringField("location", google.location());
        }
        json.writeNumberField("tier", backend.tier());
        if (!backend.labels().isEmpty()) {
            write(json, "labels", backend.labels());
        }
        if (!(backend.credential() instanceof Credential.None)) {
            json.writeObjectFieldStart("credential");
            json.writeStringField(backend.credential() instanceof Credential.ApiKey ? "api-key" : "bearer", SECRET);
            json.writeEndObject();
        }
        if (!backend.servesEveryModel()) {
            write(json, "models", backend.models().names());
        }
        if (backend.ca().isPresent()) {
            json.writeObjectFieldStart("tls");
            json.writeStringField("ca", backend.ca().get().toString());
            json.writeEndObject();
        }
        json.writeObjectFieldStart("probes");
        write(json, backend.probe());
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Probe probe) throws IOException {
        json.writeStringField("interval", text(probe.interval()));
        json.writeStringField("timeout", text(probe.timeout()));
        json.writeNumberField("healthy-after", probe.healthyAfter());
        json.writeNumberField("unhealthy-after", probe.unhealthyAfter());
        if (probe.kind() instanceof Probe.Kind.Http http) {
            json.writeObjectFieldStart("http");
            json.writeStringField("path", http.path());
            json.writeArrayFieldStart("expect");
            for (int status : http.expect().stream().sorted().toList()) {
                json.writeNumber(status);
            }
            json.writeEndArray();
            json.writeBooleanField("reuse-connection", http.reuseConnection());
        } else if (probe.kind() instanceof Probe.Kind.Inference inference) {
            json.writeObjectFieldStart("inference");
            json.writeStringField("model", inference.model());
            json.writeBooleanField("reuse-connection", inference.reuseConnection());
        } else {
            json.writeObjectFieldStart(probe.kind() instanceof Probe.Kind.Tls ? "tls" : "tcp");
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Timeouts timeouts) throws IOException {
        json.writeObjectFieldStart("timeouts");
        json.writeStringField("connect", text(timeouts.connect()));
        json.writeStringField("first-byte", text(timeouts.firstByte()));
        json.writeStringField("idle", text(timeouts.idle()));
        json.writeStringField("drain", text(timeouts.drain()));
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Limits limits) throws IOException {
        json.writeObjectFieldStart("limits");
        json.writeNumberField("connections", limits.connections());
        json.writeStringField("head-size", Quantity.size(limits.headSize()));
        json.writeStringField("body-size", Quantity.size(limits.bodySize()));
        json.writeStringField("held-size", Quantity.size(limits.heldSize()));
        json.writeEndObject();
    }

    static void write(JsonGenerator json, String name, Map<String, String> texts) throws IOException {
        json.writeObjectFieldStart(name);
        for (Map.Entry<String, String> text : new TreeMap<>(texts).entrySet()) {
            json.writeStringField(text.getKey(), text.getValue());
        }
        json.writeEndObject();
    }

    static String text(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }
}
