package io.crowfly.balancer.provider;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Models;
import io.netty.handler.codec.http.HttpMethod;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/*
 * Only the conf contains the names that clients may use: a backend lists its own names, and each of several backends
 * lists a part. Azure lists models that could be deployed, not those that are.
 */

/**
 * Source of the responses to {@code GET /v1/models} and {@code GET /v1/models/{model}}, which Crowfly sends without a
 * backend, from the model names in the conf. Immutable.
 */
public final class ModelsEndpoint {

    private static final JsonFactory JSON = new JsonFactory();

    private static final String LIST_PATH = "/v1/models";

    private static final String MODEL_PREFIX = LIST_PATH + '/';

    /**
     * Creation time in the response. The real time is unknown, but a number is required. A constant makes all instances
     * send the same response.
     */
    private static final long CREATED = 0;

    private final List<Models> backends;

    /** Whether some backend may have models that the conf does not list. */
    private final boolean backendsTakeUnlisted;

    private final SortedSet<String> listedNames = new TreeSet<>();
    private final byte[] listBody;

    /**
     * Response to a client.
     *
     * @param body JSON; must not be changed
     */
    public record Response(int status, byte[] body) {}

    public static ModelsEndpoint of(Conf conf) {
        return new ModelsEndpoint(
                conf.backends().stream().map(Backend::models).toList(),
                !conf.routing().unknownModels().isEmpty());
    }

    /** @param takesUnknown whether some backend accepts requests for models that no backend lists */
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
     * Returns the response to {@code GET} or {@code HEAD}; empty if a backend must respond. A backend must respond for
     * the list if the conf has no complete name. A backend must respond for one model if neither a name nor a prefix in
     * the conf matches, and some backend may have unlisted models.
     */
    public Optional<Response> respond(HttpMethod method, ClientTarget target) {
        boolean reads = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
        if (!reads || !target.isOpenAiApi()) {
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

    /** Writes the error that OpenAI sends for an unknown model. */
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
