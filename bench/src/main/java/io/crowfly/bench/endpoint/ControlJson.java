package io.crowfly.bench.endpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** The control paths' JSON. A change names only what is to change; times are in milliseconds, {@code null} is not used. */
final class ControlJson {

    private static final JsonFactory JSON = new JsonFactory();
    private static final long SEED = 1;
    private static final int USUAL_FAULT = 500;

    /** @param outageMillis after which the outage ends by itself; 0 for never */
    record Change(Behaviour behaviour, long outageMillis) {}

    private ControlJson() {}

    /** @throws IOException if it isn't JSON, or names something that isn't known; the message says what */
    static Change readChange(byte[] json, Behaviour now) throws IOException {
        try {
            return read(json, now);
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            throw new IOException("not JSON at " + at.getLineNr() + ":" + at.getColumnNr(), e);
        }
    }

    private static Change read(byte[] json, Behaviour now) throws IOException {
        Behaviour next = now;
        long outageMillis = 0;
        int status = USUAL_FAULT;
        int failNext = 0;
        double failShare = 0;
        boolean faults = false;
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("a script is a JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                parser.nextToken();
                try {
                    switch (key) {
                        case "first-token-ms" -> next = next.withFirstToken(Delay.ofMillis(parser.getLongValue()));
                        case "first-token-sigma" -> next = next.withFirstToken(spread(next, parser.getDoubleValue()));
                        case "between-tokens-ms" ->
                            next = next.withBetweenTokens(Duration.ofMillis(parser.getLongValue()));
                        case "tokens" -> next = next.withTokens(Math.max(1, parser.getIntValue()));
                        case "health-ms" -> next = next.withHealth(Delay.ofMillis(parser.getLongValue()));
                        case "health-status" -> next = next.withHealthStatus(parser.getIntValue());
                        case "reset-after-events" ->
                            next = next.withResetAfterEvents(OptionalInt.of(parser.getIntValue()));
                        case "outage" -> next = next.withOutage(outage(parser));
                        case "outage-ms" -> outageMillis = parser.getLongValue();
                        case "fail-status" -> status = parser.getIntValue();
                        case "fail-next" -> {
                            failNext = parser.getIntValue();
                            faults = true;
                        }
                        case "fail-share" -> {
                            failShare = parser.getDoubleValue();
                            faults = true;
                        }
                        case "restore" -> next = parser.getBooleanValue() ? Behaviour.prompt() : next;
                        default -> throw new IOException("no such thing to script: " + key);
                    }
                } catch (JsonProcessingException e) {
                    throw new IOException("the value of " + key + " is of the wrong kind, or too large", e);
                }
            }
        }
        if (faults) {
            next = next.withFaults(
                    failNext > 0 ? new Faults.Next(failNext, status) : new Faults.Share(failShare, status, SEED));
        }
        return new Change(next, outageMillis);
    }

    private static Delay spread(Behaviour now, double sigma) {
        return new Delay.LogNormal(median(now.firstToken()), sigma, SEED);
    }

    private static Duration median(Delay delay) {
        return delay instanceof Delay.LogNormal spread ? spread.median() : ((Delay.Fixed) delay).time();
    }

    private static Outage outage(JsonParser parser) throws IOException {
        try {
            return Outage.valueOf(parser.getText().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IOException("an outage is none, refuse or hang");
        }
    }

    /** What shows a behaviour also sets it. */
    static String write(Behaviour behaviour) {
        return object(json -> {
            json.writeNumberField(
                    "first-token-ms", median(behaviour.firstToken()).toMillis());
            if (behaviour.firstToken() instanceof Delay.LogNormal spread) {
                json.writeNumberField("first-token-sigma", spread.sigma());
            }
            json.writeNumberField("between-tokens-ms", behaviour.betweenTokens().toMillis());
            json.writeNumberField("tokens", behaviour.tokens());
            json.writeNumberField("health-ms", median(behaviour.health()).toMillis());
            json.writeNumberField("health-status", behaviour.healthStatus());
            if (behaviour.faults() instanceof Faults.Next next) {
                json.writeNumberField("fail-next", next.count());
                json.writeNumberField("fail-status", next.status());
            } else if (behaviour.faults() instanceof Faults.Share some) {
                json.writeNumberField("fail-share", some.share());
                json.writeNumberField("fail-status", some.status());
            }
            json.writeStringField("outage", behaviour.outage().name().toLowerCase(Locale.ROOT));
            if (behaviour.resetAfterEvents().isPresent()) {
                json.writeNumberField(
                        "reset-after-events", behaviour.resetAfterEvents().getAsInt());
            }
        });
    }

    static String write(Seen seen) {
        return object(json -> {
            json.writeNumberField("connections", seen.connections());
            json.writeNumberField("openConnections", seen.openConnections());
            json.writeNumberField("inFlight", seen.inFlight());
            json.writeNumberField("finished", seen.finished());
            json.writeNumberField("cancelled", seen.cancelled());
            json.writeNumberField("bytesReceived", seen.bytesReceived());
            writeCounts(json, "requests", seen.requests());
            writeCounts(json, "models", seen.models());
            writeCounts(json, "refusals", seen.refusals());
            if (seen.lastCancelled().isPresent()) {
                Seen.Cancelled last = seen.lastCancelled().get();
                json.writeObjectFieldStart("lastCancelled");
                json.writeStringField("path", last.path());
                json.writeNumberField("events", last.events());
                json.writeNumberField("atMillis", last.atMillis());
                json.writeEndObject();
            }
            if (seen.last().isPresent()) {
                Seen.Request last = seen.last().get();
                json.writeObjectFieldStart("last");
                json.writeStringField("method", last.method());
                json.writeStringField("uri", last.uri());
                json.writeObjectFieldStart("headers");
                for (Map.Entry<String, String> header : last.headers().entrySet()) {
                    json.writeStringField(header.getKey(), header.getValue());
                }
                json.writeEndObject();
                json.writeEndObject();
            }
        });
    }

    private static void writeCounts(JsonGenerator json, String name, Map<String, Long> counts) throws IOException {
        json.writeObjectFieldStart(name);
        for (Map.Entry<String, Long> each : counts.entrySet()) {
            json.writeNumberField(each.getKey(), each.getValue());
        }
        json.writeEndObject();
    }

    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    private static String object(Fields fields) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }
}
