package io.crowfly.balancer.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.conf.Backend;
import io.crowfly.conf.BackendHeaders;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Limits;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Provider;
import io.crowfly.conf.value.Glob;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** JSON of one backend's settings on the page {@code GET /conf}. */
record BackendJson(Backend backend, int weight, int maxInFlight) implements Json.Writer {

    @Override
    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", backend.name());
        json.writeStringField("provider", backend.provider().label());
        json.writeStringField("url", backend.url().toString());
        json.writeStringField("region", backend.region());
        write(json, backend.provider());
        json.writeNumberField("weight", weight);
        if (maxInFlight != Limits.NO_LIMIT) {
            json.writeNumberField("max-in-flight", maxInFlight);
        }
        json.writeNumberField("tier", backend.tier());
        if (!backend.labels().isEmpty()) {
            ConfJson.write(json, "labels", backend.labels());
        }
        if (!(backend.credential() instanceof Credential.None)) {
            json.writeFieldName("credential");
            new CredentialJson(backend.credential()).writeTo(json);
        }
        if (!backend.servesEveryModel()) {
            ConfJson.write(json, "models", backend.models().names());
        }
        if (!backend.headers().equals(BackendHeaders.NONE)) {
            write(json, backend.headers());
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

    private static void write(JsonGenerator json, Provider provider) throws IOException {
        if (provider instanceof Provider.Azure azure) {
            json.writeStringField("api", azure.api().name().toLowerCase(Locale.ROOT));
            if (azure.apiVersion().isPresent()) {
                json.writeStringField("api-version", azure.apiVersion().get());
            }
        } else if (provider instanceof Provider.Google google) {
            json.writeStringField("api", "vertex");
            json.writeStringField("api-version", google.version());
            json.writeStringField("project", google.project());
            json.writeStringField("location", google.location());
            json.writeStringField("endpoint", google.endpoint());
        } else if (provider instanceof Provider.Gemini) {
            json.writeStringField("api", "gemini");
        } else if (provider instanceof Provider.OpenAi openAi
                && openAi.basePath().isPresent()) {
            String path = openAi.basePath().get();
            json.writeStringField("base-path", path.isEmpty() ? "/" : path);
        }
    }

    private static void write(JsonGenerator json, BackendHeaders headers) throws IOException {
        json.writeObjectFieldStart("headers");
        if (!headers.set().isEmpty()) {
            Map<String, String> set = new TreeMap<>();
            headers.set().forEach((name, value) -> set.put(name, ConfJson.text(value)));
            ConfJson.write(json, "set", set);
        }
        if (!headers.pass().isEmpty()) {
            ConfJson.write(
                    json, "pass", headers.pass().stream().map(Glob::pattern).toList());
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Probe probe) throws IOException {
        json.writeStringField("interval", ConfJson.text(probe.interval()));
        json.writeStringField("timeout", ConfJson.text(probe.timeout()));
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
}
