package io.crowfly.bench.endpoint;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A client of one endpoint, which adds the same headers to every request. */
final class EndpointClient {

    static final String AZURE_CHAT = "/openai/v1/chat/completions";
    static final String GOOGLE_CHAT = "/v1/projects/p/locations/europe-west4/endpoints/openapi/chat/completions";
    static final String OPENAI_CHAT = "/v1/chat/completions";

    private final HttpClient client;
    private final SimulatedEndpoint endpoint;
    private final String[] headers;

    EndpointClient(SimulatedEndpoint endpoint, String... headers) {
        this(HttpClient.newHttpClient(), endpoint, headers);
    }

    EndpointClient(HttpClient client, SimulatedEndpoint endpoint, String... headers) {
        this.client = client;
        this.endpoint = endpoint;
        this.headers = headers;
    }

    HttpRequest.Builder request(String path) {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(URI.create(endpoint.url() + path)).version(HttpClient.Version.HTTP_1_1);
        return headers.length == 0 ? builder : builder.headers(headers);
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
        return send(
                request(path).POST(HttpRequest.BodyPublishers.ofString(json)).build());
    }

    HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    CompletableFuture<HttpResponse<String>> postAsync(String path, String json) {
        return client.sendAsync(
                request(path).POST(HttpRequest.BodyPublishers.ofString(json)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<InputStream> sendStreaming(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    }

    static String chatBody(String model) {
        return "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"model\":\"" + model + "\"}";
    }

    static String streamedChatBody(String model) {
        return "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"model\":\"" + model + "\",\"stream\":true}";
    }

    /** Returns the data of a stream's events. */
    static List<String> events(HttpResponse<String> response) {
        return Arrays.stream(response.body().split("\n"))
                .filter(line -> line.startsWith("data: "))
                .map(line -> line.substring("data: ".length()))
                .toList();
    }
}
