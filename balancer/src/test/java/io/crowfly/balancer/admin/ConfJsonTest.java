package io.crowfly.balancer.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Credential;
import io.crowfly.conf.read.ConfReader;
import io.crowfly.conf.read.ConfResult;
import io.crowfly.conf.value.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
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
                "{unknown-models: [more, paid]}",
                "{rules: [{name: a, when: {path: /v1/x*, model: gpt-4o*, header: {x-zone: eu, x-b: c*}}, only: {provider: azure}}]}",
                "{rules: [{name: a, share: 0.01%, only: {region: weu, labels: {zone: eu, kind: paid}, backends: [paid, more]}}]}",
            })
    void routingJsonIsAValidConfSection(String routing) throws IOException {
        Conf conf = read("routing: " + routing);

        String json = Json.text(new RoutingJson(conf.routing()));

        assertThat(read("routing:\n" + json.indent(2)).routing()).isEqualTo(conf.routing());
    }

    @Test
    void writesTierAndLabelsOfABackend() throws IOException {
        assertThat(Json.text(new ConfJson(read(""))).replaceAll("\\s+", ""))
                .contains("\"tier\":1,\"labels\":{\"kind\":\"paid\",\"zone\":\"eu\"}")
                .contains("\"tier\":2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "provider: azure, url: 'https://a'",
                "provider: azure, url: 'https://a', api: deployments, api-version: 2024-10-21",
                "provider: google, url: 'https://a', project: p, location: l",
                "provider: google, url: 'https://a', project: p, location: l, endpoint: '7', api-version: v1beta1",
                "provider: google, url: 'https://a', api: gemini, models: {'gpt-4*': a, b: b}",
                "provider: openai, url: 'https://a', base-path: /",
                "provider: openai, url: 'https://a', base-path: /api/paas/v4, headers: {pass: [traceparent, 'x-*']}",
                "provider: openai, url: 'https://a', headers: {set: {x-a: '${file:token}'}}",
                "provider: openai, url: 'https://a', credential: {api-key: '${file:token}'}",
                "provider: openai, url: 'https://a', credential: {bearer: '${file:token}'}",
                "provider: openai, url: 'https://a', credential: {passthrough: true}",
                "provider: azure, url: 'https://a', credential: {entra: {tenant: t, client-id: c, client-secret: '${file:token}'}}",
                "provider: azure, url: 'https://a', credential: {entra: {tenant: t, client-id: c, federated-token-file: token}}",
                "provider: azure, url: 'https://a', credential: {managed-identity: {}}",
                "provider: azure, url: 'https://a', credential: {managed-identity: {client-id: i, resource: r}}",
                "provider: azure, url: 'https://a', credential: {managed-identity: {object-id: i, endpoint: 'http://e'}}",
                "provider: azure, url: 'https://a', credential: {managed-identity: {resource-id: i}}",
                "provider: openai, url: 'https://a', credential: {metadata-server: {account: a, scopes: [b, c]}}",
                "provider: openai, url: 'https://a', credential: {workload-identity-federation:"
                        + " {audience: a, subject-token-file: token, impersonate: a@b}}",
            })
    void backendJsonIsAValidConfSection(String mapping) throws IOException {
        Files.writeString(directory.resolve("token"), "hidden");
        Backend backend = backend("{name: paid, region: weu, " + mapping + "}");

        String json = Json.text(new BackendJson(backend, 1, 400));

        assertThat(json).doesNotContain("hidden");
        assertThat(backend(json)).isEqualTo(backend);
    }

    private Backend backend(String mapping) throws IOException {
        return readFile("listeners: [{name: public, bind: \"127.0.0.1:0\"}]\nbackends:\n  -\n" + mapping.indent(4))
                .backends()
                .get(0);
    }

    @Test
    void writesAPlaceholderForEachSecret() throws IOException {
        String json = Json.text(new ConfJson(readFile("""
                listeners: [{name: public, bind: "127.0.0.1:0"}]
                backends:
                  - {name: a, provider: azure, url: "https://a", credential: {api-key: hidden}}
                  - {name: b, provider: openai, url: "https://a", credential: {bearer: hidden}, headers: {set: {x-a: hidden}}}
                  - name: c
                    provider: azure
                    url: https://c
                    credential: {entra: {tenant: visible-tenant, client-id: visible-client, client-secret: hidden}}
                state: {ttl: 1h, redis: {url: "redis://:hidden@cache"}}
                """)));

        assertThat(json).doesNotContain("hidden").contains("visible-tenant", "visible-client");
        assertThat(json.replaceAll("\\s+", ""))
                .contains("\"credential\":{\"api-key\":\"***\"}")
                .contains("\"credential\":{\"bearer\":\"***\"}")
                .contains("\"headers\":{\"set\":{\"x-a\":\"***\"}}")
                .contains("\"client-secret\":\"***\"")
                .contains(
                        "\"state\":{\"ttl\":\"3600s\",\"ids\":1000000,\"redis\":{\"url\":\"***\",\"timeout\":\"50ms\"}}");
    }

    @Test
    void theHeaderOfAnAppServiceIsASecret() throws IOException {
        var identity = new Credential.ManagedIdentity(
                "r",
                Optional.empty(),
                new Credential.ManagedIdentity.Endpoint.AppService(
                        URI.create("http://localhost:1/msi/token"), new Secret("hidden")));

        assertThat(Json.text(new CredentialJson(identity)))
                .contains("http://localhost:1/msi/token")
                .doesNotContain("hidden");
    }

    @Test
    void jsonOfListenersLimitsAndStateIsAValidConf() throws IOException {
        Conf conf = readFile("""
                region: nl
                listeners:
                  - {name: public, bind: "127.0.0.1:0", cors: {origins: [https://b.test, https://a.test]}}
                  - {name: open, bind: "127.0.0.1:0", cors: {origins: "*"}}
                backends: [{name: paid, provider: azure, url: "https://a", region: weu}]
                timeouts: {head: 5s, commit: 20s, body: 90s, body-window: 1m, keepalive: 0s}
                limits: {body-rate: 1KiB, body-size: 1MiB, upload-size: 2MiB, held-size: 2MiB, held-total: 5MiB}
                state: {default-owner: paid, ttl: 7d, ids: 5}
                """);

        String json = Json.text(new ConfJson(conf));

        Conf again = readFile(json);
        assertThat(again.timeouts()).isEqualTo(conf.timeouts());
        assertThat(again.limits()).isEqualTo(conf.limits());
        assertThat(again.state()).isEqualTo(conf.state());
        assertThat(again.listeners()).isEqualTo(conf.listeners());
    }

    private Conf read(String routing) throws IOException {
        return readFile(REST + routing);
    }

    private Conf readFile(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("crowfly.yaml"), text);
        ConfResult result = new ConfReader(Map.of()).read(file);
        assertThat(result)
                .as(() -> result instanceof ConfResult.Invalid invalid ? "" + invalid.problems() : "")
                .isInstanceOf(ConfResult.Valid.class);
        return ((ConfResult.Valid) result).conf();
    }
}
