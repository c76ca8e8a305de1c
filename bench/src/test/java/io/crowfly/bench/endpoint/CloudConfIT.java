package io.crowfly.bench.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.Balancer;
import io.crowfly.bench.endpoint.dialect.AccessPolicy;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests each backend of {@code conf/clouds} with a simulated endpoint that is as strict as its cloud about path,
 * credential, headers and model names. These are repeated here, independent of the conf. Credentials that must be
 * fetched are replaced by a plain token; fetching has its own tests.
 */
class CloudConfIT {

    private static final Path CLOUDS = Path.of("..", "conf", "clouds");
    private static final Pattern NAME = Pattern.compile("(?m)^  - name: (\\S+)$");

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    Path directory;

    /**
     * A backend of the shipped confs.
     *
     * @param models the clients' model names, and the names that the endpoint must receive
     */
    private record ShippedBackend(String file, String backend, EndpointDialect cloud, Map<String, String> models) {

        @Override
        public String toString() {
            return file + ": " + backend;
        }
    }

    private static AccessPolicy keyPolicy() {
        return AccessPolicy.open().withApiKey("fake");
    }

    private static AccessPolicy tokenPolicy() {
        return AccessPolicy.open().withBearer("fake");
    }

    private static ShippedBackend azure(String backend, AccessPolicy terms, String... models) {
        return shipped("azure.yaml", backend, names -> EndpointDialect.azure(terms.withModels(names)), models);
    }

    private static ShippedBackend vertex(String backend, String location, String endpoint, String... models) {
        return shipped(
                "google.yaml",
                backend,
                names -> EndpointDialect.vertex(
                        tokenPolicy().withModels(names), "contoso-inference", location, endpoint),
                models);
    }

    private static ShippedBackend compatible(
            String file, String backend, AccessPolicy terms, String basePath, String... models) {
        return shipped(file, backend, names -> EndpointDialect.openai(terms.withModels(names), basePath), models);
    }

    private interface Cloud {
        EndpointDialect serving(String... models);
    }

    /** @param models pairs of a client's model name and the name that the endpoint must receive */
    private static ShippedBackend shipped(String file, String backend, Cloud cloud, String... models) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (int i = 0; i < models.length; i += 2) {
            pairs.put(models[i], models[i + 1]);
        }
        String[] arriving = pairs.values().stream().distinct().toArray(String[]::new);
        return new ShippedBackend(file, backend, cloud.serving(arriving), pairs);
    }

    static Stream<ShippedBackend> backends() {
        String llama = "meta-llama/Llama-3.3-70B-Instruct";
        return Stream.of(
                azure("v1", keyPolicy(), "gpt-4o", "gpt-4o-weu", "gpt-4.1-mini", "gpt-41"),
                azure("classic", tokenPolicy(), "gpt-4o", "gpt-4o-uks"),
                azure("foundry", tokenPolicy(), "gpt-4o", "gpt-4o", "gpt-oss-120b", "gpt-oss-120b"),
                azure(
                        "gateway",
                        // The client's bearer token is forwarded as Azure's key.
                        keyPolicy().withPrefix("/inference").withHeader("ocp-apim-subscription-key", "fake"),
                        "gpt-4o",
                        "gpt-4o"),
                azure("machine", tokenPolicy(), "gpt-4o", "gpt-4o-noe"),
                vertex(
                        "regional",
                        "europe-west4",
                        "openapi",
                        "gemini-2.5-flash",
                        "google/gemini-2.5-flash",
                        "gpt-oss-120b",
                        "openai/gpt-oss-120b-maas"),
                vertex("global", "global", "openapi", "gemini-2.5-flash", "google/gemini-2.5-flash"),
                vertex("multi-region", "eu", "openapi", "gemini-2.5-flash", "google/gemini-2.5-flash"),
                vertex("dedicated", "us-east4", "1234567890", "llama-70b", "meta/llama-3.3-70b"),
                shipped(
                        "google.yaml",
                        "gemini",
                        names -> EndpointDialect.gemini(tokenPolicy().withModels(names)),
                        "gemini-2.5-flash",
                        "gemini-2.5-flash"),
                compatible(
                        "coreweave.yaml",
                        "coreweave-serverless",
                        tokenPolicy().withHeader("openai-project", "contoso/edge"),
                        "/v1",
                        "llama-8b",
                        "meta-llama/Llama-3.1-8B-Instruct",
                        "gpt-oss-120b",
                        "openai/gpt-oss-120b"),
                compatible("coreweave.yaml", "coreweave-dedicated", tokenPolicy(), "/v1", "llama-70b", "llama-70b"),
                compatible(
                        "oracle.yaml",
                        "oracle-chicago",
                        tokenPolicy().withHeader("openai-project", "fake"),
                        "/openai/v1",
                        "gpt-oss-120b",
                        "openai.gpt-oss-120b",
                        "grok-4-fast",
                        "xai.grok-4"),
                compatible(
                        "oracle.yaml",
                        "oracle-frankfurt",
                        tokenPolicy(),
                        "/20231130/actions/v1",
                        "llama-70b",
                        "meta.llama-3.3-70b-instruct"),
                compatible("vllm.yaml", "vllm-a", tokenPolicy(), "/v1", "llama-70b", llama, "whatever", llama),
                compatible("vllm.yaml", "vllm-b", tokenPolicy(), "/llama-70b/v1", "llama-70b", llama),
                compatible(
                        "vllm.yaml",
                        "other",
                        keyPolicy().withHeader("x-project", "edge"),
                        "/api/paas/v4",
                        "llama-70b",
                        "llama-3.3-70b"));
    }

    @ParameterizedTest
    @MethodSource("backends")
    void requestsHaveTheFormThatTheCloudRequires(ShippedBackend shipped) throws Exception {
        try (SimulatedEndpoint cloud = SimulatedEndpoint.open(EndpointSpec.of(shipped.cloud));
                Balancer balancer = Balancer.start(confWith(shipped, cloud.url()))) {
            String url = "http://127.0.0.1:" + balancer.port("public") + "/v1/chat/completions";
            await().until(() -> ready(balancer));
            for (String model : shipped.models.keySet()) {
                HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                        .header("authorization", "Bearer fake")
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(EndpointClient.chatBody(model)))
                        .build();
                HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
                assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            }
            assertThat(cloud.statistics().models().keySet())
                    .containsExactlyInAnyOrderElementsOf(
                            shipped.models.values().stream().distinct().toList());
            assertThat(cloud.statistics().refusals()).isEmpty();
        }
    }

    @Test
    void everyShippedBackendIsTested() throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(CLOUDS)) {
            for (Path file : files.toList()) {
                NAME.matcher(Files.readString(file))
                        .results()
                        .forEach(name -> found.add(file.getFileName() + ": " + name.group(1)));
            }
        }
        assertThat(backends().map(ShippedBackend::toString)).containsExactlyInAnyOrderElementsOf(found);
    }

    private boolean ready(Balancer balancer) throws Exception {
        URI readyz = URI.create("http://127.0.0.1:" + balancer.adminPort() + "/readyz");
        return client.send(HttpRequest.newBuilder(readyz).build(), HttpResponse.BodyHandlers.discarding())
                        .statusCode()
                == 200;
    }

    /** Writes a conf that has only this backend, at this address instead of its own. */
    private Path confWith(ShippedBackend shipped, String url) throws IOException {
        String all = Files.readString(CLOUDS.resolve(shipped.file));
        Matcher start =
                Pattern.compile("(?m)^  - name: " + shipped.backend + "$").matcher(all);
        assertThat(start.find()).isTrue();
        Matcher end = Pattern.compile("(?m)^(  - |\\S)").matcher(all);
        String backend = all.substring(start.start(), end.find(start.end()) ? end.start() : all.length());
        String here = backend.replaceFirst("(?m)^    url: https?://[^/\\s]+", "    url: " + url)
                .replaceFirst("(?m)^    credential:\\n(      .*\\n)+", "    credential: {bearer: fake}\n")
                .replaceFirst("credential: \\{(service-account|metadata-server).*}", "credential: {bearer: fake}")
                .replaceAll("(?m)^    (probes|tls): .*\\n", "")
                .replaceAll("\\$\\{(env|file):[^}]*}", "fake");
        return Files.writeString(
                directory.resolve("alone.yaml"),
                "listeners: [{name: public, bind: \"127.0.0.1:0\"}]\nadmin: {bind: \"127.0.0.1:0\"}\nbackends:\n" + here
                        + "\nprobes: {interval: 100ms, healthy-after: 1, http: {path: /health}}\n");
    }
}
