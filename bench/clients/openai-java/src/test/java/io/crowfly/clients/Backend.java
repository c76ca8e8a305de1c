package io.crowfly.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A simulated endpoint behind Crowfly, with the statistics of the requests that it received. */
final class Backend {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = client(Target.authority());

    private final JsonNode described;

    Backend(JsonNode described) {
        this.described = described;
    }

    /**
     * Returns a client that trusts the endpoints' authority, because one endpoint uses TLS. Only this class trusts it.
     */
    private static HttpClient client(Path authority) {
        try (InputStream pem = Files.newInputStream(authority)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return HttpClient.newBuilder().sslContext(context).build();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("the backends' authority can't be read", e);
        }
    }

    String name() {
        return described.get("name").asText();
    }

    boolean serves(String api) {
        return described.get("models").has(api);
    }

    /** Returns the client's name for the model. */
    String clientModel(String api) {
        return described.get("models").get(api).get("clientModel").asText();
    }

    /** Returns the model name that the backend must receive. */
    private String backendModel(String api) {
        return described.get("models").get(api).get("backendModel").asText();
    }

    /**
     * Performs {@code call} and returns its result. Checks that this backend received one more request, with its own
     * path and its own name for the model, and refused none.
     *
     * @param pathKind kind of the path: {@code deployment} or {@code resource}
     */
    <T> T receives(String api, String pathKind, String operation, Supplier<T> call) {
        String path = described.get("paths").get(pathKind).asText()
                .replace("{model}", backendModel(api))
                .replace("{operation}", operation);
        JsonNode before = statistics();
        T result = call.get();
        JsonNode after = statistics();
        assertThat(after.get("refusals")).as(name()).isEqualTo(before.get("refusals"));
        assertThat(count(after, "requests", path)).as(path).isEqualTo(count(before, "requests", path) + 1);
        assertThat(count(after, "models", backendModel(api)))
                .as(backendModel(api))
                .isEqualTo(count(before, "models", backendModel(api)) + 1);
        return result;
    }

    private static long count(JsonNode statistics, String kind, String name) {
        return statistics.get(kind).path(name).asLong();
    }

    JsonNode statistics() {
        return send(HttpRequest.newBuilder(at("/_seen")).build());
    }

    /** Makes the endpoint fail the next request. */
    void failOnce(int status) {
        send(HttpRequest.newBuilder(at("/_script"))
                .POST(HttpRequest.BodyPublishers.ofString("{\"fail-next\":1,\"fail-status\":" + status + "}"))
                .build());
    }

    private URI at(String path) {
        return URI.create(described.get("url").asText() + path);
    }

    private static JsonNode send(HttpRequest request) {
        try {
            HttpResponse<String> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(200);
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return name();
    }
}
