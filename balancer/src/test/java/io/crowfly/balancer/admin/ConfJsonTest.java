package io.crowfly.balancer.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Conf;
import io.crowfly.conf.ConfReader;
import io.crowfly.conf.ConfResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfJsonTest {

    private static final String REST = """
            listeners: [{name: public, bind: "127.0.0.1:0"}]
            backends:
              - {name: paid, provider: azure, url: "https://a", region: weu, labels: {zone: eu, kind: paid}}
              - {name: more, provider: openai, url: "https://b", tier: 2}
            """;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{policy: round-robin, objective: completion, tolerance: 50ms, tier-tolerance: unlimited}",
                "{tolerance: 0.5%, tier-tolerance: 1s, exploration: 0%, panic: false, hedge: {budget: 2.5%}}",
                "{retry: {attempts: 1, budget: 0%}}",
                "{rules: [{name: a, when: {path: /v1/x*, model: gpt-4o*, header: {x-zone: eu, x-b: c*}}, only: {provider: azure}}]}",
                "{rules: [{name: a, share: 0.01%, only: {region: weu, labels: {zone: eu, kind: paid}, backends: [paid, more]}}]}",
            })
    void whatItShowsOfRoutingCanBeReadAgain(String routing) throws IOException {
        Conf conf = read("routing: " + routing);

        String shown = Json.text(new RoutingJson(conf.routing()));

        assertThat(read("routing:\n" + shown.indent(2)).routing()).isEqualTo(conf.routing());
    }

    @Test
    void showsTierAndLabelsOfABackend() throws IOException {
        assertThat(Json.text(new ConfJson(read(""))).replaceAll("\\s+", ""))
                .contains("\"tier\":1,\"labels\":{\"kind\":\"paid\",\"zone\":\"eu\"}")
                .contains("\"tier\":2");
    }

    private Conf read(String routing) throws IOException {
        Path file = Files.writeString(directory.resolve("crowfly.yaml"), REST + routing);
        ConfResult result = new ConfReader(Map.of()).read(file);
        assertThat(result)
                .as(() -> result instanceof ConfResult.Invalid invalid ? "" + invalid.problems() : "")
                .isInstanceOf(ConfResult.Valid.class);
        return ((ConfResult.Valid) result).conf();
    }
}
