package io.crowfly.balancer.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.content.response.Usage;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Conf;
import io.crowfly.conf.read.ConfReader;
import io.crowfly.conf.read.ConfResult;
import io.crowfly.probes.forecast.Api;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelMetricsTest {

    private static final Usage USAGE = new Usage(1000, 50);

    private static final String AZURE = "{name: a, provider: azure, url: \"https://a\", models: {%s}}";
    private static final String VERTEX =
            "{name: g, provider: google, url: \"https://g\", project: p, location: l, models: {%s}}";
    private static final String GEMINI =
            "{name: g, provider: google, api: gemini, url: \"https://generativelanguage.googleapis.com\", models: {%s}}";
    private static final String OPEN_AI = "{name: o, provider: openai, url: \"https://o\"}";

    @TempDir
    Path directory;

    private final Metrics metrics = new Metrics("1.2.3");

    private Conf conf(String... backends) throws Exception {
        Path file = directory.resolve("crowfly.yaml");
        Files.writeString(
                file,
                "listeners: [{name: public, bind: \"127.0.0.1:0\"}]\nbackends: [" + String.join(", ", backends)
                        + "]\n");
        ConfResult result = new ConfReader(Map.of()).read(file);
        assertThat(result).isInstanceOf(ConfResult.Valid.class);
        return ((ConfResult.Valid) result).conf();
    }

    private Conf use(String... backends) throws Exception {
        Conf conf = conf(backends);
        metrics.activate(conf);
        return conf;
    }

    private static Backend backend(Conf conf, String name) {
        return conf.backends().stream()
                .filter(backend -> backend.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void count(Backend backend, String model) {
        metrics.count(TestOutcomes.stream(backend, Api.CHAT_COMPLETIONS, model, USAGE));
    }

    private String text() {
        return metrics.text(Metrics.contentType(""));
    }

    private static String inputTokens(String backend, String provider, String model, int tokens) {
        return "crowfly_input_tokens_total{backend=\"" + backend + "\",provider=\"" + provider + "\",model=\"" + model
                + "\",} " + tokens + ".0\n";
    }

    @Test
    void reportsTimesAndTokensUnderOpenTelemetrysNames() throws Exception {
        Conf conf = use(AZURE.formatted("gpt-4o: weu"));
        count(backend(conf, "a"), "gpt-4o");
        String labels = "{backend=\"a\",gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"azure.ai.openai\","
                + "gen_ai_request_model=\"gpt-4o\",";
        assertThat(text())
                .contains(
                        "gen_ai_server_time_to_first_token_seconds_bucket" + labels + "le=\"0.25\",} 0.0\n",
                        "gen_ai_server_time_to_first_token_seconds_bucket" + labels + "le=\"0.5\",} 1.0\n",
                        "gen_ai_server_time_to_first_token_seconds_sum" + labels + "} 0.3\n",
                        "gen_ai_server_time_per_output_token_seconds_sum" + labels + "} 0.02\n",
                        "gen_ai_client_token_usage_sum" + labels + "gen_ai_token_type=\"input\",} 1000.0\n",
                        "gen_ai_client_token_usage_sum" + labels + "gen_ai_token_type=\"output\",} 50.0\n",
                        "gen_ai_client_token_usage_bucket" + labels
                                + "gen_ai_token_type=\"output\",le=\"64.0\",} 1.0\n")
                .doesNotContain("_created");
    }

    @Test
    void countsTokensOverAllOperations() throws Exception {
        Conf conf = use(AZURE.formatted("m: m"));
        Backend backend = backend(conf, "a");
        for (Api api : Api.values()) {
            metrics.count(TestOutcomes.unstreamed(backend, api, "m", Optional.of(USAGE)));
        }
        assertThat(text())
                .contains(
                        inputTokens("a", "azure", "m", 5000),
                        "crowfly_output_tokens_total{backend=\"a\",provider=\"azure\",model=\"m\",} 250.0\n",
                        // The Responses API counts as chat.
                        count("chat", 2),
                        count("text_completion", 1),
                        count("embeddings", 1),
                        count("other", 1));
    }

    private static String count(String operation, int count) {
        return "gen_ai_client_token_usage_count{backend=\"a\",gen_ai_operation_name=\"" + operation
                + "\",gen_ai_provider_name=\"azure.ai.openai\",gen_ai_request_model=\"m\",gen_ai_token_type=\"input\",} "
                + count + ".0\n";
    }

    @Test
    void namesProvidersAsOpenTelemetryDoes() throws Exception {
        Conf vertex = use(VERTEX.formatted("m: m"), OPEN_AI);
        count(backend(vertex, "g"), "m");
        count(backend(vertex, "o"), "m");
        assertThat(text()).contains("gen_ai_provider_name=\"gcp.vertex_ai\"", "gen_ai_provider_name=\"openai\"");
        Conf gemini = use(GEMINI.formatted("m: m"));
        count(backend(gemini, "g"), "m");
        assertThat(text()).contains("gen_ai_provider_name=\"gcp.gemini\"").doesNotContain("gcp.vertex_ai");
    }

    @Test
    void labelsOnlyModelsThatTheConfLists() throws Exception {
        Conf conf = use(AZURE.formatted("gpt-4o: weu, \"gpt-*\": any, \"gpt-4o-*\": some"), OPEN_AI);
        Backend azure = backend(conf, "a");
        Backend openAi = backend(conf, "o");
        count(azure, "gpt-4o");
        count(azure, "gpt-4o-mini");
        count(azure, "gpt-5");
        count(azure, "gpt-");
        // A name that one backend lists is a label at every backend.
        count(openAi, "gpt-4o");
        for (int i = 0; i < 100; i++) {
            count(openAi, "invented-" + i);
        }
        metrics.count(TestOutcomes.stream(openAi, Api.RESPONSES, "", USAGE));
        assertThat(text().lines().filter(line -> line.startsWith("crowfly_input_tokens_total{")))
                .containsExactlyInAnyOrder(
                        inputTokens("a", "azure", "gpt-4o", 1000).strip(),
                        inputTokens("a", "azure", "gpt-4o-*", 1000).strip(),
                        inputTokens("a", "azure", "gpt-*", 2000).strip(),
                        inputTokens("o", "openai", "gpt-4o", 1000).strip(),
                        inputTokens("o", "openai", "other", 101_000).strip());
    }

    @Test
    void hasNoModelSeriesForResponsesWithoutTokens() throws Exception {
        Conf conf = use(AZURE.formatted("m: m"));
        metrics.count(TestOutcomes.unstreamed(backend(conf, "a"), Api.OTHER, "m", Optional.empty()));
        assertThat(text())
                .contains("# TYPE gen_ai_client_token_usage histogram")
                .doesNotContain("model=\"m\"")
                .contains("crowfly_requests_total{backend=\"a\",provider=\"azure\",code=\"2xx\",} 1.0");
    }

    @Test
    void removesSeriesThatAConfDropsAndContinuesTheOthers() throws Exception {
        Conf before = use(AZURE.formatted("kept: m, dropped: m"), OPEN_AI);
        count(backend(before, "a"), "kept");
        count(backend(before, "a"), "dropped");
        count(backend(before, "o"), "kept");
        Conf after = use(AZURE.formatted("kept: m"));
        count(backend(after, "a"), "kept");
        assertThat(text())
                .contains(inputTokens("a", "azure", "kept", 2000))
                .doesNotContain("\"dropped\"")
                .doesNotContain("backend=\"o\"");
    }

    @Test
    void doesNotRecreateSeriesForRequestsThatEndAfterAReload() throws Exception {
        Conf before = use(AZURE.formatted("kept: m, dropped: m"), OPEN_AI);
        use(AZURE.formatted("kept: m"));
        count(backend(before, "a"), "dropped");
        count(backend(before, "o"), "kept");
        assertThat(text())
                .contains(inputTokens("a", "azure", "other", 1000))
                .doesNotContain("\"dropped\"")
                .doesNotContain("backend=\"o\"");
    }

    @Test
    void hasSeriesForAConfBeforeItIsInForce() throws Exception {
        Conf before = use(AZURE.formatted("old: m"));
        Conf coming = conf(AZURE.formatted("new: m"), OPEN_AI);
        metrics.prepare(coming.backends());
        count(backend(before, "a"), "old");
        count(backend(coming, "a"), "new");
        count(backend(coming, "o"), "new");
        assertThat(text())
                .contains(
                        inputTokens("a", "azure", "old", 1000),
                        inputTokens("a", "azure", "new", 1000),
                        inputTokens("o", "openai", "new", 1000));
        metrics.activate(coming);
        assertThat(text())
                .contains(inputTokens("a", "azure", "new", 1000), inputTokens("o", "openai", "new", 1000))
                .doesNotContain("\"old\"");
    }
}
