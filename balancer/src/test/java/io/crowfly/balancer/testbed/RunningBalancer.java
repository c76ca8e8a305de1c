package io.crowfly.balancer.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.crowfly.balancer.Balancer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A balancer on its own conf file, with HTTP clients for its listener and its admin server. */
public final class RunningBalancer implements AutoCloseable {

    public static final String SECRET = "k-very-secret-1234";

    public final Path file;
    public final Balancer balancer;
    private final HttpClient client = HttpClient.newHttpClient();

    public RunningBalancer(Path directory, String conf) throws Exception {
        file = directory.resolve("crowfly.yaml");
        Files.writeString(file, conf);
        balancer = Balancer.start(file, Map.of("KEY", SECRET));
    }

    /** Returns a conf with one listener, one backend named {@code one}, a credential and an admin server. */
    public static String conf(String backendUrl) {
        return """
                region: nl
                listeners: [{name: public, bind: "127.0.0.1:0"}]
                admin: {bind: "127.0.0.1:0"}
                backends:
                  - {name: one, provider: azure, url: "%s", region: westeurope, credential: {api-key: "${env:KEY}"}}
                probes: {interval: 100ms, timeout: 10s, http: {path: /health}}
                """.formatted(backendUrl);
    }

    public RunningBalancer awaitReady() {
        await().until(() -> admin("GET", "/readyz").statusCode() == 200);
        return this;
    }

    public HttpResponse<String> admin(String method, String path, String... headers) {
        return send(method, balancer.adminPort(), path, headers);
    }

    public HttpResponse<String> get(String path) {
        return send("GET", balancer.port("public"), path);
    }

    /** Sends a chat completion for the model {@code m}. */
    public HttpResponse<String> chat(String... headers) {
        HttpRequest.Builder request = request(balancer.port("public"), "/v1/chat/completions", headers)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"m\",\"messages\":[]}"));
        return send(request.build());
    }

    private HttpResponse<String> send(String method, int port, String path, String... headers) {
        return send(request(port, path, headers)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build());
    }

    private static HttpRequest.Builder request(int port, String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        return headers.length > 0 ? request.headers(headers) : request;
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public Object json(String path) throws IOException {
        HttpResponse<String> response = admin("GET", path);
        assertThat(response.headers().firstValue("content-type")).contains("application/json");
        return parseJson(response.body());
    }

    public String metrics() {
        return admin("GET", "/metrics").body();
    }

    /** Parses JSON: objects to maps, arrays to lists, null to null, and everything else to text. */
    public static Object parseJson(String json) throws IOException {
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            parser.nextToken();
            return readValue(parser);
        }
    }

    private static Object readValue(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            Map<String, Object> object = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                object.put(name, readValue(parser));
            }
            return object;
        }
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            List<Object> array = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                array.add(readValue(parser));
            }
            return array;
        }
        return parser.currentToken() == JsonToken.VALUE_NULL ? null : parser.getText();
    }

    @Override
    public void close() {
        balancer.close();
    }
}
