package io.crowfly.balancer.provider;

import static io.crowfly.balancer.provider.TestDialects.dialect;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Provider;
import io.crowfly.probes.forecast.Api;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DialectTest {

    private static final Provider AZURE_V1 = new Provider.Azure();
    private static final Provider PREVIEW = new Provider.Azure(Provider.Azure.Api.V1, Optional.of("preview"));
    private static final Provider DEPLOYMENTS =
            new Provider.Azure(Provider.Azure.Api.DEPLOYMENTS, Optional.of("2024-10-21"));
    private static final Provider OPENAI = new Provider.OpenAi();
    private static final Provider GEMINI = new Provider.Gemini();

    private static final String CHAT = "/v1/chat/completions";

    private static String target(Provider provider, String url, String target, String model) {
        Dialect dialect = dialect(provider, url);
        ClientTarget parsed = ClientTarget.parse(target);
        assertThat(dialect.serves(parsed)).isTrue();
        return dialect.target(parsed, model);
    }

    private static boolean serves(Provider provider, String url, String target) {
        return dialect(provider, url).serves(ClientTarget.parse(target));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            https://contoso.openai.azure.com                | /v1/chat/completions                                 | /openai/v1/chat/completions
            https://contoso.openai.azure.com                | /openai/v1/files?limit=2                             | /openai/v1/files?limit=2
            https://contoso.openai.azure.com                | /openai/deployments/x/embeddings?api-version=1       | /openai/v1/embeddings
            https://contoso.openai.azure.com                | /openai/realtime?api-version=1&deployment=x          | /openai/v1/realtime?model=m%2F1
            https://contoso.services.ai.azure.com/openai/v1 | /v1/models                                           | /openai/v1/models
            https://contoso.services.ai.azure.com/openai    | /v1/models                                           | /openai/v1/models
            https://contoso.azure-api.net/team/eu           | /v1/models                                           | /team/eu/openai/v1/models
            https://contoso.azure-api.net/team/openai/v1    | /v1/models                                           | /team/openai/v1/models
            """)
    void mapsToAzuresV1Api(String url, String target, String expected) {
        assertThat(target(AZURE_V1, url, target, "m/1")).isEqualTo(expected);
    }

    @Test
    void sendsOnlyTheConfsVersionToAzuresV1Api() {
        String url = "https://contoso.openai.azure.com";
        assertThat(target(PREVIEW, url, "/v1/files?api-version=v1&after=a", ""))
                .isEqualTo("/openai/v1/files?after=a&api-version=preview");
        assertThat(target(AZURE_V1, url, "/v1/files?api-version=v1&after=a", ""))
                .isEqualTo("/openai/v1/files?after=a");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /v1/chat/completions                                         | /openai/deployments/weu%2Fgpt%204o/chat/completions
            /v1/completions                                              | /openai/deployments/weu%2Fgpt%204o/completions
            /v1/embeddings                                               | /openai/deployments/weu%2Fgpt%204o/embeddings
            /v1/audio/transcriptions                                     | /openai/deployments/weu%2Fgpt%204o/audio/transcriptions
            /v1/audio/translations                                       | /openai/deployments/weu%2Fgpt%204o/audio/translations
            /v1/audio/speech                                             | /openai/deployments/weu%2Fgpt%204o/audio/speech
            /v1/images/generations                                       | /openai/deployments/weu%2Fgpt%204o/images/generations
            /v1/images/edits                                             | /openai/deployments/weu%2Fgpt%204o/images/edits
            /openai/deployments/x/chat/completions?api-version=2023-05-15 | /openai/deployments/weu%2Fgpt%204o/chat/completions
            /v1/responses                                                | /openai/responses
            /v1/batches                                                  | /openai/batches
            /v1/chat/completions/chatcmpl-1                              | /openai/chat/completions/chatcmpl-1
            """)
    void putsTheDeploymentIntoThePathOfAzuresOlderApi(String target, String expected) {
        String url = "https://contoso.openai.azure.com";
        assertThat(target(DEPLOYMENTS, url, target, "weu/gpt 4o")).isEqualTo(expected + "?api-version=2024-10-21");
        assertThat(dialect(DEPLOYMENTS, url).namesModelInTarget(ClientTarget.parse(target)))
                .isEqualTo(expected.startsWith("/openai/deployments/"));
    }

    @Test
    void keepsOtherParametersBesideAzuresVersion() {
        assertThat(target(DEPLOYMENTS, "https://a.azure-api.net/team/openai", "/v1/files?after=a&limit=2", ""))
                .isEqualTo("/team/openai/files?after=a&limit=2&api-version=2024-10-21");
        assertThat(target(DEPLOYMENTS, "https://contoso.openai.azure.com", "/v1/realtime?model=x", "rt"))
                .isEqualTo("/openai/realtime?deployment=rt&api-version=2024-10-21");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", ".", "a/../../b", "a\\..\\b", "..;"})
    void omitsADeploymentNameThatWouldChangeThePath(String model) {
        assertThat(target(DEPLOYMENTS, "https://contoso.openai.azure.com", CHAT, model))
                .isEqualTo("/openai/chat/completions?api-version=2024-10-21");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            https://europe-west4-aiplatform.googleapis.com | europe-west4 | openapi     | v1      | /v1/projects/p/locations/europe-west4/endpoints/openapi/chat/completions
            https://aiplatform.googleapis.com              | global       | openapi     | v1      | /v1/projects/p/locations/global/endpoints/openapi/chat/completions
            https://aiplatform.eu.rep.googleapis.com       | eu           | openapi     | v1beta1 | /v1beta1/projects/p/locations/eu/endpoints/openapi/chat/completions
            https://77.europe-west4-9.prediction.vertexai.goog | europe-west4 | 77      | v1      | /v1/projects/p/locations/europe-west4/endpoints/77/chat/completions
            https://gateway.test/vertex                    | us-central1  | 77          | v1      | /vertex/v1/projects/p/locations/us-central1/endpoints/77/chat/completions
            """)
    void mapsToVertexOnEachKindOfHost(String url, String location, String endpoint, String version, String expected) {
        Provider vertex = new Provider.Google("p", location, endpoint, version);
        assertThat(target(vertex, url, CHAT, "google/gemini")).isEqualTo(expected);
        assertThat(target(vertex, url, "/openai/deployments/x/chat/completions?api-version=1", "google/gemini"))
                .isEqualTo(expected);
        assertThat(target(vertex, url, CHAT + "?key=stolen&alt=media", "google/gemini"))
                .isEqualTo(expected);
        for (String other : new String[] {"/v1/models", "/v1/responses", "/v1/chat/completions/c", "/completions"}) {
            assertThat(serves(vertex, url, other)).as(other).isFalse();
        }
        assertThat(dialect(vertex, url).namesModelInTarget(ClientTarget.parse(CHAT)))
                .isFalse();
        assertThat(Api.values()).filteredOn(dialect(vertex, url)::serves).containsExactly(Api.CHAT_COMPLETIONS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            https://generativelanguage.googleapis.com                | /v1/chat/completions                     | /v1beta/openai/chat/completions
            https://generativelanguage.googleapis.com                | /openai/deployments/x/embeddings         | /v1beta/openai/embeddings
            https://generativelanguage.googleapis.com                | /v1/images/generations                   | /v1beta/openai/images/generations
            https://generativelanguage.googleapis.com                | /v1/models                               | /v1beta/openai/models
            https://generativelanguage.googleapis.com                | /v1/models/gemini-2.5-flash              | /v1beta/openai/models/gemini-2.5-flash
            https://generativelanguage.googleapis.com                | /v1/batches?limit=2&key=stolen&alt=media | /v1beta/openai/batches?limit=2
            https://gateway.test/gemini                              | /v1/videos/v/content                     | /gemini/v1beta/openai/videos/v/content
            """)
    void mapsToTheGeminiApi(String url, String target, String expected) {
        assertThat(target(GEMINI, url, target, "gemini-2.5-flash")).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/v1/responses", "/v1/files", "/v1/embeddings/x", "/v1/audio/speech", "/v1/modelsx", "/v1/", "/x"
            })
    void doesNotServeWhatTheGeminiApiLacks(String target) {
        assertThat(serves(GEMINI, "https://generativelanguage.googleapis.com", target))
                .isFalse();
    }

    @Test
    void passesAnyTargetToAPlainBackend() {
        for (String target : new String[] {CHAT, "/v1/files?after=a%20b&limit=2", "/metrics?a", "/v1/../x", "/"}) {
            assertThat(target(OPENAI, "http://vllm.test", target, "m")).isEqualTo(target);
        }
        assertThat(target(OPENAI, "http://vllm.test", "/openai/deployments/x/embeddings?api-version=1", "m"))
                .isEqualTo("/v1/embeddings");
        assertThat(target(OPENAI, "http://vllm.test", "/v1/realtime?model=x&intent=a", "m/1"))
                .isEqualTo("/v1/realtime?intent=a&model=m%2F1");
    }

    @Test
    void prependsThePathOfAPlainBackendsUrl() {
        assertThat(target(OPENAI, "http://vllm.test/team", CHAT, "m")).isEqualTo("/team" + CHAT);
        assertThat(target(OPENAI, "http://vllm.test/team", "/health?a=b", "m")).isEqualTo("/team/health?a=b");
        assertThat(serves(OPENAI, "http://vllm.test/team", "/v1/../x")).isFalse();
    }

    @Test
    void replacesTheVersionByTheBasePath() {
        Provider based = new Provider.OpenAi(Optional.of("/20231130/actions/v1"));
        assertThat(target(based, "https://oracle.test/pre", "/openai/v1/files?limit=2", "m"))
                .isEqualTo("/pre/20231130/actions/v1/files?limit=2");
        assertThat(target(new Provider.OpenAi(Optional.of("")), "https://bare.test", CHAT, "m"))
                .isEqualTo("/chat/completions");
        assertThat(serves(based, "https://oracle.test", "/metrics")).isFalse();
        assertThat(serves(based, "https://oracle.test", "/v1/../x")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/../secret", "/v1/%2e%2e/secret", "/metrics", "/openai/deployments/%00/embeddings"})
    void cloudsServeNothingOutsideTheApi(String target) {
        assertThat(serves(AZURE_V1, "https://contoso.openai.azure.com", target)).isFalse();
        assertThat(serves(DEPLOYMENTS, "https://contoso.openai.azure.com", target))
                .isFalse();
        assertThat(serves(GEMINI, "https://generativelanguage.googleapis.com", target))
                .isFalse();
        assertThat(dialect(DEPLOYMENTS, "https://contoso.openai.azure.com")
                        .namesModelInTarget(ClientTarget.parse("/x")))
                .isFalse();
    }

    @Test
    void noBackendServesAnUnreadableModelName() {
        assertThat(serves(OPENAI, "http://vllm.test", "/openai/deployments/%00/embeddings"))
                .isFalse();
    }

    @Test
    void theAuthorityHasThePortIfItIsNotTheDefault() {
        assertThat(dialect(OPENAI, "https://a.test").authority()).isEqualTo("a.test");
        assertThat(dialect(OPENAI, "http://a.test:8000").authority()).isEqualTo("a.test:8000");
        assertThat(dialect(OPENAI, "http://[::1]:8000").authority()).isEqualTo("[::1]:8000");
    }

    @Test
    void cloudsReceiveNoTrailers() {
        assertThat(dialect(OPENAI, "https://a.test").acceptsTrailers()).isTrue();
        assertThat(dialect(AZURE_V1, "https://a.test").acceptsTrailers()).isFalse();
        assertThat(dialect(GEMINI, "https://a.test").acceptsTrailers()).isFalse();
    }
}
