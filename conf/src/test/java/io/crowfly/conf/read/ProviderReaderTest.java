package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Probe;
import io.crowfly.conf.Provider;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderReaderTest {

    @TempDir
    Path directory;

    TestConfFile file;

    @BeforeEach
    void file() {
        file = new TestConfFile(directory);
    }

    @Test
    void azureUsesTheV1ApiByDefault() {
        assertThat(provider("provider: azure, url: \"https://h\"")).isEqualTo(new Provider.Azure());
        assertThat(provider("provider: azure, url: \"https://h\", api: v1, api-version: preview"))
                .isEqualTo(new Provider.Azure(Provider.Azure.Api.V1, Optional.of("preview")));
        assertThat(provider("provider: azure, url: \"https://h\", api: deployments, api-version: 2024-10-21"))
                .isEqualTo(new Provider.Azure(Provider.Azure.Api.DEPLOYMENTS, Optional.of("2024-10-21")));
    }

    @Test
    void googleIsVertexByDefault() {
        assertThat(provider("provider: google, url: \"https://h\", project: p, location: l"))
                .isEqualTo(new Provider.Google("p", "l", "openapi", "v1"));
        assertThat(provider("provider: google, url: \"https://h\", api: vertex, project: p, location: l,"
                        + " endpoint: \"1234567890\", api-version: v1beta1"))
                .isEqualTo(new Provider.Google("p", "l", "1234567890", "v1beta1"));
        assertThat(provider("provider: google, url: \"https://h\", api: gemini"))
                .isEqualTo(new Provider.Gemini());
    }

    @Test
    void aGeminiBackendHasNoRegionByDefault() {
        assertThat(file.backendOf("provider: google, url: \"https://h\", api: gemini")
                        .region())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"/api/paas/v4, /api/paas/v4", "/openai/v1/, /openai/v1", "/, ''", "/v1, /v1"})
    void aBasePathReplacesV1(String written, String read) {
        assertThat(provider("provider: openai, url: \"https://h\", base-path: " + written))
                .isEqualTo(new Provider.OpenAi(Optional.of(read)));
    }

    @ParameterizedTest
    @CsvSource({
        "us-east4-aiplatform.googleapis.com, us-east4",
        "aiplatform.googleapis.com, global",
        "aiplatform.eu.rep.googleapis.com, eu",
        "aiplatform.europe-west4.rep.googleapis.com, europe-west4",
        "gateway.example, anywhere"
    })
    void aHostOfVertexIsAcceptedWithItsLocation(String host, String location) {
        assertThat(file.backendOf("provider: google, project: p, location: " + location + ", url: \"https://" + host
                                + "\"")
                        .url())
                .hasHost(host);
    }

    @Test
    void aDeployedEndpointMayHaveADedicatedHost() {
        assertThat(file.backendOf("provider: google, project: p, location: us-east4, endpoint: \"7\","
                                + " url: \"https://7.us-east4-99.prediction.vertexai.goog\"")
                        .url())
                .hasHost("7.us-east4-99.prediction.vertexai.goog");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '!',
            value = {
                "provider: azure, url: 'https://h'                                 | /openai/v1/models",
                "provider: azure, url: 'https://h/apim'                            | /apim/openai/v1/models",
                "provider: azure, url: 'https://h/openai'                          | /openai/v1/models",
                "provider: azure, url: 'https://h/apim/openai/v1/'                 | /apim/openai/v1/models",
                "provider: azure, url: 'https://h', api-version: preview           | /openai/v1/models?api-version=preview",
                "provider: azure, url: 'https://h', api: deployments, api-version: 2024-10-21 | /openai/models?api-version=2024-10-21",
                "provider: azure, url: 'https://h/openai', api: deployments, api-version: a   | /openai/models?api-version=a",
                "provider: google, url: 'https://h', api: gemini                   | /v1beta/openai/models",
                "provider: openai, url: 'https://h', base-path: /api/paas/v4       | /api/paas/v4/models",
                "provider: openai, url: 'https://h/eu', base-path: /               | /eu/models",
            })
    void theDefaultProbeRequestsTheListOfModels(String backend, String path) {
        assertThat(file.backendOf(backend).probe().kind()).isEqualTo(new Probe.Kind.Http(path, Set.of(200), true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://h/openai", "https://h/openai/v1", "https://h/apim/openai/v1/"})
    void azuresBaseUrlsAreNotChanged(String url) {
        assertThat(file.backendOf("provider: azure, url: \"" + url + "\"").url())
                .hasToString(url.replaceFirst("/$", ""));
    }

    private Provider provider(String mapping) {
        return file.backendOf(mapping).provider();
    }
}
