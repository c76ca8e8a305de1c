package io.crowfly.balancer.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.conf.Admin;
import io.crowfly.conf.Backend;
import io.crowfly.conf.CertificateFiles;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Cors;
import io.crowfly.conf.Limits;
import io.crowfly.conf.Listener;
import io.crowfly.conf.State;
import io.crowfly.conf.Timeouts;
import io.crowfly.conf.value.Quantity;
import io.crowfly.conf.value.SecretFile;
import io.crowfly.conf.value.SecretSource;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * JSON of the conf on the page {@code GET /conf}, with the keys of the conf file and every default filled in. Durations
 * and sizes have the format of the file, and each backend has its effective probe. The value of a secret is never read
 * here.
 */
public final class ConfJson implements Json.Writer {

    private final Conf conf;

    ConfJson(Conf conf) {
        this.conf = conf;
    }

    /** Returns the conf as the page shows it. */
    public static String text(Conf conf) {
        return Json.text(new ConfJson(conf));
    }

    @Override
    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("region", conf.region());
        json.writeArrayFieldStart("listeners");
        for (Listener listener : conf.listeners()) {
            write(json, listener);
        }
        json.writeEndArray();
        write(json, conf.admin());
        json.writeArrayFieldStart("backends");
        for (Backend backend : conf.backends()) {
            new BackendJson(
                            backend,
                            conf.routing().weight(backend),
                            conf.limits().maxInFlight(backend))
                    .writeTo(json);
        }
        json.writeEndArray();
        json.writeFieldName("routing");
        new RoutingJson(conf.routing()).writeTo(json);
        write(json, conf.timeouts());
        write(json, conf.limits());
        write(json, conf.state());
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
        if (listener.cors().isPresent()) {
            write(json, listener.cors().get());
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Cors cors) throws IOException {
        json.writeObjectFieldStart("cors");
        if (cors.anyOrigin()) {
            json.writeStringField("origins", Cors.ANY);
        } else {
            write(json, "origins", new TreeSet<>(cors.origins()));
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Admin admin) throws IOException {
        json.writeObjectFieldStart("admin");
        json.writeStringField("bind", admin.bind().toString());
        if (!admin.hosts().isEmpty()) {
            write(json, "hosts", new TreeSet<>(admin.hosts()));
        }
        if (admin.token().isPresent()) {
            json.writeStringField("token", text(admin.token().get()));
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Timeouts timeouts) throws IOException {
        json.writeObjectFieldStart("timeouts");
        json.writeStringField("head", text(timeouts.head()));
        json.writeStringField("connect", text(timeouts.connect()));
        json.writeStringField("first-byte", text(timeouts.firstByte()));
        json.writeStringField("commit", text(timeouts.commit()));
        json.writeStringField("idle", text(timeouts.idle()));
        json.writeStringField("body", text(timeouts.body()));
        json.writeStringField("body-window", text(timeouts.bodyWindow()));
        json.writeStringField("keepalive", text(timeouts.keepalive()));
        json.writeStringField("drain", text(timeouts.drain()));
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Limits limits) throws IOException {
        json.writeObjectFieldStart("limits");
        json.writeNumberField("connections", limits.connections());
        json.writeStringField("head-size", Quantity.size(limits.headSize()));
        json.writeStringField("body-size", Quantity.size(limits.bodySize()));
        json.writeStringField("upload-size", Quantity.size(limits.uploadSize()));
        json.writeStringField("body-rate", Quantity.size(limits.bodyRate()));
        json.writeStringField("held-size", Quantity.size(limits.heldSize()));
        json.writeStringField("held-total", Quantity.size(limits.heldTotal()));
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, State state) throws IOException {
        json.writeObjectFieldStart("state");
        if (state.defaultOwner().isPresent()) {
            json.writeStringField("default-owner", state.defaultOwner().get());
        }
        json.writeStringField("ttl", text(state.ttl()));
        json.writeNumberField("ids", state.maxIds());
        if (state.redis().isPresent()) {
            json.writeObjectFieldStart("redis");
            json.writeStringField("url", text(state.redis().get().url()));
            json.writeStringField("timeout", text(state.redis().get().timeout()));
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    static void write(JsonGenerator json, String name, Map<String, String> texts) throws IOException {
        json.writeObjectFieldStart(name);
        for (Map.Entry<String, String> text : new TreeMap<>(texts).entrySet()) {
            json.writeStringField(text.getKey(), text.getValue());
        }
        json.writeEndObject();
    }

    static void write(JsonGenerator json, String name, Collection<String> texts) throws IOException {
        json.writeArrayFieldStart(name);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }

    /** Returns {@code ${file:…}} for a secret that is a file of its own, otherwise {@code ***}. */
    static String text(SecretSource secret) {
        return secret instanceof SecretFile file ? "${file:" + file.file() + "}" : "***";
    }

    static String text(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }
}
