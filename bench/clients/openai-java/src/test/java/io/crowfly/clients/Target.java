package io.crowfly.clients;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The addresses of Crowfly and of its backends, from {@code backends.json} with the addresses filled in. */
final class Target {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNode FILE = read();

    private Target() {}

    private static JsonNode read() {
        String name = System.getenv("TARGET");
        if (name == null) {
            throw new IllegalStateException("TARGET is not set");
        }
        try {
            return JSON.readTree(new File(name));
        } catch (IOException e) {
            throw new IllegalStateException("TARGET can't be read", e);
        }
    }

    /** Returns a client with default settings, except for the number of retries. */
    static OpenAIClient client(int retries) {
        return client("baseURL", retries);
    }

    /** Returns a client without retries of the Crowfly whose backends fail. */
    static OpenAIClient repairsClient() {
        return client("repairsURL", 0);
    }

    private static OpenAIClient client(String address, int retries) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(FILE.get(address).asText())
                .apiKey(FILE.get("apiKey").asText())
                .maxRetries(retries)
                .build();
    }

    /** Returns the certificate of the authority of backends with TLS. */
    static Path authority() {
        return Path.of(FILE.get("ca").asText());
    }

    static List<Backend> backends() {
        return StreamSupport.stream(FILE.get("backends").spliterator(), false)
                .map(Backend::new)
                .toList();
    }

    /** Returns the backends that serve this API. */
    static Stream<Backend> serving(String api) {
        return backends().stream().filter(backend -> backend.serves(api));
    }
}
