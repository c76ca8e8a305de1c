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

/** A simulated endpoint behind Crowfly, which tells what it received. */
final class Backend {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CALLER = caller(Target.authority());

    private final JsonNode described;

    Backend(JsonNode described) {
        this.described = described;
    }

    /** One of them speaks TLS with an authority of its own, which is for this class alone to trust. */
    private static HttpClient caller(Path authority) {
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

    boolean does(String what) {
        return described.get("models").has(what);
    }

    /** The name that a client asks for. */
    String asked(String what) {
        return described.get("models").get(what).get("asked").asText();
    }

    /** The name that the backend must get. */
    private String arrives(String what) {
        return described.get("models").get(what).get("arrives").asText();
    }

    /**
     * Does {@code call}, and checks that by it this backend got one request more, in its own manner of paths and for its
     * own name of the model, and that it refused none.
     *
     * @param manner of the path: {@code deployment} or {@code resource}
     */
    <T> T gets(String what, String manner, String operation, Supplier<T> call) {
        String path = described.get("paths").get(manner).asText()
                .replace("{model}", arrives(what))
                .replace("{operation}", operation);
        JsonNode before = seen();
        T result = call.get();
        JsonNode after = seen();
        assertThat(after.get("refusals")).as(name()).isEqualTo(before.get("refusals"));
        assertThat(count(after, "requests", path)).as(path).isEqualTo(count(before, "requests", path) + 1);
        assertThat(count(after, "models", arrives(what)))
                .as(arrives(what))
                .isEqualTo(count(before, "models", arrives(what)) + 1);
        return result;
    }

    private static long count(JsonNode seen, String kind, String name) {
        return seen.get(kind).path(name).asLong();
    }

    JsonNode seen() {
        return send(HttpRequest.newBuilder(at("/_seen")).build());
    }

    /** Makes it fail the next request. */
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
            HttpResponse<String> answer = CALLER.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            return JSON.readTree(answer.body());
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
