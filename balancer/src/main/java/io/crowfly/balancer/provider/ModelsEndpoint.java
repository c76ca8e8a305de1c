package io.crowfly.balancer.provider;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Models;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/*
 * What a client may ask for is in the conf and nowhere else: a backend knows its own names, not our clients', and of several
 * each knows a part. Azure's list is of what could be deployed, not of what is.
 */

/** Answers {@code GET /v1/models} and {@code GET /v1/models/{model}} from a conf's names of models. Immutable. */
public final class ModelsEndpoint {

    private static final JsonFactory JSON = new JsonFactory();

    private static final String LIST_PATH = "/v1/models";

    private static final String MODEL_PREFIX = LIST_PATH + '/';

    /** Nobody knows, and it must be a number: the same for all, so that every instance says the same. */
    private static final long CREATED = 0;

    private final List<Models> backends;

    /** Whether there are backends that may have models which the conf doesn't list. */
    private final boolean backendsTakeUnlisted;

    private final SortedSet<String> listedNames = new TreeSet<>();
    private final byte[] listBody;

    /** @param body JSON, not to be changed */
    public record Response(int status, byte[] body) {}

    public static ModelsEndpoint of(Conf conf) {
        return new ModelsEndpoint(
                conf.backends().stream().map(Backend::models).toList(),
                !conf.routing().unknownModels().isEmpty());
    }

    /** @param takesUnknown whether a backend takes requests for models that none lists */
    ModelsEndpoint(List<Models> backends, boolean takesUnknown) {
        this.backends = backends;
        backendsTakeUnlisted = takesUnknown || backends.stream().anyMatch(Models::servesEveryModel);
        for (Models models : backends) {
            models.clientNames().stream()
                    .filter(name -> !Models.isPrefixPattern(name))
                    .forEach(listedNames::add);
        }
        listBody = json(this::writeList);
    }

    /**
     * What to answer; absent where it is up to the backends, since the conf has no whole name to list, or doesn't list this
     * one, be it by a beginning, and has backends that may have any. For {@code GET} and {@code HEAD}.
     */
    public Optional<Response> respond(ClientTarget target) {
        if (!target.isOpenAiApi()) {
            return Optional.empty();
        } else if (target.path().equals(LIST_PATH)) {
            return listedNames.isEmpty() ? Optional.empty() : Optional.of(new Response(200, listBody));
        } else if (target.path().startsWith(MODEL_PREFIX)) {
            return PercentEncoding.decode(target.path().substring(MODEL_PREFIX.length()))
                    .flatMap(this::respondForModel);
        }
        return Optional.empty();
    }

    private Optional<Response> respondForModel(String name) {
        if (backends.stream().anyMatch(models -> !models.servesEveryModel() && models.serves(name))) {
            return Optional.of(new Response(200, json(json -> writeModel(json, name))));
        }
        return backendsTakeUnlisted
                ? Optional.empty()
                : Optional.of(new Response(404, json(json -> writeModelNotFound(json, name))));
    }

    private interface JsonWriter {
        void writeTo(JsonGenerator json) throws IOException;
    }

    private static byte[] json(JsonWriter writer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            writer.writeTo(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private void writeList(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("object", "list");
        json.writeArrayFieldStart("data");
        for (String name : listedNames) {
            writeModel(json, name);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeModel(JsonGenerator json, String name) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", name);
        json.writeStringField("object", "model");
        json.writeNumberField("created", CREATED);
        json.writeStringField("owned_by", "crowfly");
        json.writeEndObject();
    }

    /** As OpenAI says it. */
    private static void writeModelNotFound(JsonGenerator json, String name) throws IOException {
        json.writeStartObject();
        json.writeObjectFieldStart("error");
        json.writeStringField("message", "The model `" + name + "` does not exist or you do not have access to it.");
        json.writeStringField("type", "invalid_request_error");
        json.writeNullField("param");
        json.writeStringField("code", "model_not_found");
        json.writeEndObject();
        json.writeEndObject();
    }
}
