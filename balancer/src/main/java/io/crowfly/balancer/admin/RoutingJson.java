package io.crowfly.balancer.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.conf.BackendFilter;
import io.crowfly.conf.RequestCondition;
import io.crowfly.conf.Routing;
import io.crowfly.conf.Rule;
import io.crowfly.conf.TierTolerance;
import io.crowfly.conf.Tolerance;
import io.crowfly.conf.value.Glob;
import io.crowfly.conf.value.Quantity;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** JSON of the conf section {@code routing} on the page {@code GET /conf}. */
record RoutingJson(Routing routing) implements Json.Writer {

    @Override
    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("policy", routing.policy().label());
        json.writeStringField("objective", routing.objective().label());
        json.writeStringField("tolerance", text(routing.tolerance()));
        json.writeStringField("tier-tolerance", text(routing.tierTolerance()));
        if (!routing.rules().isEmpty()) {
            json.writeArrayFieldStart("rules");
            for (Rule rule : routing.rules()) {
                write(json, rule);
            }
            json.writeEndArray();
        }
        json.writeObjectFieldStart("retry");
        json.writeNumberField("attempts", routing.retry().attempts());
        json.writeStringField("budget", Quantity.share(routing.retry().budget()));
        json.writeEndObject();
        json.writeStringField("exploration", Quantity.share(routing.exploration()));
        json.writeBooleanField("panic", routing.panic());
        if (routing.hedge().isPresent()) {
            json.writeObjectFieldStart("hedge");
            json.writeStringField("budget", Quantity.share(routing.hedge().get().budget()));
            json.writeEndObject();
        }
        if (!routing.unknownModels().isEmpty()) {
            ConfJson.write(json, "unknown-models", routing.unknownModels());
        }
        json.writeEndObject();
    }

    private static String text(Tolerance tolerance) {
        if (tolerance instanceof Tolerance.Fixed fixed) {
            return ConfJson.text(fixed.duration());
        }
        return Quantity.share(((Tolerance.Share) tolerance).share());
    }

    private static String text(TierTolerance tolerance) {
        return tolerance instanceof TierTolerance.Within within ? ConfJson.text(within.duration()) : "unlimited";
    }

    private static void write(JsonGenerator json, Rule rule) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", rule.name());
        json.writeFieldName("when");
        write(json, rule.condition());
        if (rule.refuses()) {
            json.writeBooleanField("refuse", true);
        } else {
            json.writeFieldName("only");
            write(json, rule.filter());
        }
        json.writeStringField("share", Quantity.share(rule.share()));
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, RequestCondition when) throws IOException {
        json.writeStartObject();
        if (when.path().isPresent()) {
            json.writeStringField("path", when.path().get().pattern());
        }
        if (when.model().isPresent()) {
            json.writeStringField("model", when.model().get().pattern());
        }
        if (!when.headers().isEmpty()) {
            json.writeObjectFieldStart("header");
            for (Map.Entry<String, Glob> header : new TreeMap<>(when.headers()).entrySet()) {
                json.writeStringField(header.getKey(), header.getValue().pattern());
            }
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, BackendFilter only) throws IOException {
        json.writeStartObject();
        if (only.provider().isPresent()) {
            json.writeStringField("provider", only.provider().get());
        }
        if (only.region().isPresent()) {
            json.writeStringField("region", only.region().get());
        }
        if (!only.labels().isEmpty()) {
            ConfJson.write(json, "labels", only.labels());
        }
        if (!only.backends().isEmpty()) {
            ConfJson.write(json, "backends", only.backends().stream().sorted().toList());
        }
        json.writeEndObject();
    }
}
