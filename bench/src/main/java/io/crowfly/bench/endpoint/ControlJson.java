package io.crowfly.bench.endpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.endpoint.behaviour.Delay;
import io.crowfly.bench.endpoint.behaviour.Faults;
import io.crowfly.bench.endpoint.behaviour.Outage;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Reader and writer of the JSON of the simulated endpoint's control paths. A change contains only the keys that change.
 * Times are in milliseconds; no value is {@code null}.
 */
final class ControlJson {

    private static final JsonFactory JSON = new JsonFactory();
    private static final long SEED = 1;
    private static final int DEFAULT_ERROR_STATUS = 500;

    /**
     * Requested change of the endpoint's behaviour.
     *
     * @param behaviour the behaviour to apply
     * @param outageMillis time after which the outage ends by itself; 0 for never
     */
    record Change(Behaviour behaviour, long outageMillis) {}

    private ControlJson() {}

    /**
     * Reads a change of the behaviour and applies it to {@code current}.
     *
     * @throws IOException if the text is not JSON or has an unknown key; the message says what is wrong
     */
    static Change readChange(byte[] json, Behaviour current) throws IOException {
        try {
            return read(json, current);
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            throw new IOException("not JSON at " + at.getLineNr() + ":" + at.getColumnNr(), e);
        }
    }

    private static Change read(byte[] json, Behaviour current) throws IOException {
        Behaviour next = current;
        long outageMillis = 0;
        int status = DEFAULT_ERROR_STATUS;
        int failNext = 0;
        double failShare = 0;
        boolean faults = false;
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("the body must be a JSON object");
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
                        case "restore" -> next = parser.getBooleanValue() ? Behaviour.immediate() : next;
                        default -> throw new IOException("unknown key: " + key);
                    }
                } catch (JsonProcessingException e) {
                    throw new IOException("the value of " + key + " has the wrong type or is too large", e);
                }
            }
        }
        if (faults) {
            next = next.withFaults(
                    failNext > 0 ? new Faults.Next(failNext, status) : new Faults.Share(failShare, status, SEED));
        }
        return new Change(next, outageMillis);
    }

    private static Delay spread(Behaviour current, double sigma) {
        return new Delay.LogNormal(current.firstToken().median(), sigma, SEED);
    }

    private static Outage outage(JsonParser parser) throws IOException {
        try {
            return Outage.valueOf(parser.getText().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IOException("outage must be none, refuse or hang");
        }
    }

    /** Writes a behaviour with the keys that {@link #readChange} reads. */
    static String write(Behaviour behaviour) {
        return object(json -> {
            json.writeNumberField(
                    "first-token-ms", behaviour.firstToken().median().toMillis());
            if (behaviour.firstToken() instanceof Delay.LogNormal logNormal) {
                json.writeNumberField("first-token-sigma", logNormal.sigma());
            }
            json.writeNumberField("between-tokens-ms", behaviour.betweenTokens().toMillis());
            json.writeNumberField("tokens", behaviour.tokens());
            json.writeNumberField("health-ms", behaviour.health().median().toMillis());
            json.writeNumberField("health-status", behaviour.healthStatus());
            if (behaviour.faults() instanceof Faults.Next next) {
                json.writeNumberField("fail-next", next.count());
                json.writeNumberField("fail-status", next.status());
            } else if (behaviour.faults() instanceof Faults.Share share) {
                json.writeNumberField("fail-share", share.share());
                json.writeNumberField("fail-status", share.status());
            }
            json.writeStringField("outage", behaviour.outage().name().toLowerCase(Locale.ROOT));
            if (behaviour.resetAfterEvents().isPresent()) {
                json.writeNumberField(
                        "reset-after-events", behaviour.resetAfterEvents().getAsInt());
            }
        });
    }

    static String write(EndpointStatistics statistics) {
        return object(json -> {
            json.writeNumberField("connections", statistics.connections());
            json.writeNumberField("openConnections", statistics.openConnections());
            json.writeNumberField("inFlight", statistics.inFlight());
            json.writeNumberField("finished", statistics.finished());
            json.writeNumberField("cancelled", statistics.cancelled());
            json.writeNumberField("bytesReceived", statistics.bytesReceived());
            writeCounts(json, "requests", statistics.requests());
            writeCounts(json, "models", statistics.models());
            writeCounts(json, "refusals", statistics.refusals());
            if (statistics.lastCancelled().isPresent()) {
                EndpointStatistics.CancelledRequest last =
                        statistics.lastCancelled().get();
                json.writeObjectFieldStart("lastCancelled");
                json.writeStringField("path", last.path());
                json.writeNumberField("events", last.eventsSent());
                json.writeNumberField("atMillis", last.atMillis());
                json.writeEndObject();
            }
            if (statistics.lastRequest().isPresent()) {
                EndpointStatistics.ReceivedRequest last =
                        statistics.lastRequest().get();
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
        for (Map.Entry<String, Long> entry : counts.entrySet()) {
            json.writeNumberField(entry.getKey(), entry.getValue());
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
