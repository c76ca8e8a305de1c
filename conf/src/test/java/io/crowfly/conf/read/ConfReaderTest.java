package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.AccessLog;
import io.crowfly.conf.Backend;
import io.crowfly.conf.BackendFilter;
import io.crowfly.conf.BackendHeaders;
import io.crowfly.conf.BindAddress;
import io.crowfly.conf.CertificateFiles;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Cors;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Hedge;
import io.crowfly.conf.Limits;
import io.crowfly.conf.Listener;
import io.crowfly.conf.Models;
import io.crowfly.conf.Objective;
import io.crowfly.conf.Policy;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Problem;
import io.crowfly.conf.Provider;
import io.crowfly.conf.RequestCondition;
import io.crowfly.conf.Retry;
import io.crowfly.conf.Routing;
import io.crowfly.conf.Rule;
import io.crowfly.conf.TierTolerance;
import io.crowfly.conf.Timeouts;
import io.crowfly.conf.Tolerance;
import io.crowfly.conf.value.Glob;
import io.crowfly.conf.value.Secret;
import io.crowfly.conf.value.SecretFile;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfReaderTest {

    @TempDir
    Path directory;

    TestConfFile file;

    @BeforeEach
    void file() {
        file = new TestConfFile(directory);
    }

    @Test
    void fillsInEveryDefault() {
        Conf conf = file.valid(TestConfFile.MINIMAL);

        assertThat(conf.region()).isEmpty();
        assertThat(conf.admin().bind()).hasToString("127.0.0.1:9901");
        assertThat(conf.listeners())
                .containsExactly(new Listener(
                        "public",
                        new BindAddress.Tcp("127.0.0.1", 8080),
                        Set.of(Listener.Protocol.HTTP_1_1),
                        Optional.empty(),
                        Optional.empty()));
        assertThat(conf.routing()).isEqualTo(Routing.DEFAULT);
        assertThat(conf.timeouts())
                .isEqualTo(new Timeouts(
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(2),
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(15),
                        Duration.ofMinutes(5),
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(15),
                        Duration.ofSeconds(30)));
        assertThat(conf.limits())
                .isEqualTo(new Limits(20_000, 32 * 1024, 64L << 20, 513L << 20, 256, 64 << 20, 256L << 20, Map.of()));
        assertThat(conf.accessLog()).isEmpty();
        assertThat(conf.traceDecisions()).isFalse();
        assertThat(conf.backends())
                .containsExactly(new Backend(
                        "one",
                        new Provider.OpenAi(),
                        URI.create("http://127.0.0.1:9101"),
                        "",
                        1,
                        Map.of(),
                        new Credential.None(),
                        Models.ALL,
                        new Probe(
                                Duration.ofSeconds(1),
                                Duration.ofMillis(800),
                                2,
                                3,
                                new Probe.Kind.Http("/v1/models", Set.of(200), true)),
                        Optional.empty(),
                        BackendHeaders.NONE));
    }

    @Test
    void readsEveryKey() throws Exception {
        TestCertificates.EC.writeTo(directory.resolve("tls"));
        Files.writeString(directory.resolve("token"), "t-secret\n");

        Conf conf = file.valid("""
                region: no
                listeners:
                  - name: public
                    bind: "[::1]:8443"
                    protocols: [http/1.1]
                    tls:
                      certificates: [{cert: tls/edge.crt, key: tls/edge.key}]
                  - name: local
                    bind: unix:crowfly.sock
                admin:
                  bind: localhost:0
                backends:
                  - name: azure-norwayeast
                    provider: azure
                    url: HTTPS://Contoso.openai.azure.com/
                    region: norwayeast
                    credential: {api-key: "${env:KEY}"}
                    models: {gpt-4o: gpt-4o}
                    probes: {interval: 5s, inference: {model: gpt-4o, reuse-connection: false}}
                    tls: {ca: tls/edge.crt}
                  - name: google-europe-north1
                    provider: google
                    url: https://europe-north1-aiplatform.googleapis.com
                    region: europe-north1
                    project: contoso-inference
                    credential: {bearer: "${file:token}"}
                probes:
                  interval: 500ms
                  timeout: 1s
                  healthy-after: 1
                  unhealthy-after: 5
                  http: {path: /health, expect: [200, 204], reuse-connection: false}
                routing:
                  policy: lowest-latency
                  retry: {attempts: 2}
                timeouts: {head: 5s, connect: 1s, first-byte: 2m, commit: 20s, idle: 1h, drain: 10s}
                limits: {connections: 5, head-size: 64KiB, body-size: 4GiB, held-size: 65536B}
                access-log: access.log
                trace-decisions: true
                """);

        assertThat(conf.region()).isEqualTo("no");
        assertThat(conf.admin().bind()).isEqualTo(new BindAddress.Tcp("localhost", 0));
        assertThat(conf.listeners().get(0).bind()).isEqualTo(new BindAddress.Tcp("::1", 8443));
        assertThat(conf.listeners().get(0).tls().orElseThrow().certificates())
                .containsExactly(
                        new CertificateFiles(directory.resolve("tls/edge.crt"), directory.resolve("tls/edge.key")));
        assertThat(conf.listeners().get(1).bind()).isEqualTo(new BindAddress.Unix(directory.resolve("crowfly.sock")));
        Backend azure = conf.backends().get(0);
        assertThat(azure.url()).isEqualTo(URI.create("https://contoso.openai.azure.com"));
        assertThat(azure.credential()).isEqualTo(new Credential.ApiKey(new Secret("k-secret-1234")));
        assertThat(azure.models()).isEqualTo(new Models(Map.of("gpt-4o", "gpt-4o")));
        assertThat(azure.ca()).contains(directory.resolve("tls/edge.crt"));
        assertThat(azure.probe())
                .isEqualTo(new Probe(
                        Duration.ofSeconds(5), Duration.ofSeconds(1), 1, 5, new Probe.Kind.Inference("gpt-4o", false)));
        Backend google = conf.backends().get(1);
        assertThat(google.provider()).isEqualTo(new Provider.Google("contoso-inference", "europe-north1"));
        assertThat(google.credential()).isEqualTo(new Credential.Bearer(new SecretFile(directory.resolve("token"))));
        assertThat(google.probe().kind()).isEqualTo(new Probe.Kind.Http("/health", Set.of(200, 204), false));
        assertThat(conf.routing().retry().attempts()).isEqualTo(2);
        assertThat(conf.timeouts())
                .isEqualTo(new Timeouts(
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(1),
                        Duration.ofMinutes(2),
                        Duration.ofSeconds(20),
                        Duration.ofHours(1),
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(15),
                        Duration.ofSeconds(10)));
        assertThat(conf.limits())
                .isEqualTo(new Limits(5, 64 << 10, 4L << 30, 4L << 30, 256, 65536, 256L << 20, Map.of()));
        assertThat(conf.accessLog()).contains(new AccessLog(Optional.of(directory.resolve("access.log"))));
        assertThat(conf.traceDecisions()).isTrue();
    }

    @Test
    void readsEveryKeyOfRouting() {
        Conf conf = file.valid("""
                listeners: [{name: a, bind: "h:1"}]
                backends:
                  - {name: paid, provider: azure, url: "https://a", region: westeurope, labels: {zone: eu, land: no}}
                  - {name: more, provider: openai, url: "https://b", tier: 2}
                routing:
                  policy: least-requests
                  objective: completion
                  tolerance: 0.5%
                  tier-tolerance: unlimited
                  rules:
                    - when: {path: /v1/realtime*, model: gpt-4o*, header: {X-Data-Zone: eu}}
                      only: {provider: azure, region: westeurope, labels: {zone: eu}, backends: [paid, more]}
                    - {name: canary, share: 5%, only: {backends: [more]}}
                  retry: {attempts: 2, budget: 0%}
                  exploration: 0%
                  panic: false
                  hedge: {budget: 2.5%}
                """);

        assertThat(conf.backends()).extracting(Backend::tier).containsExactly(1, 2);
        assertThat(conf.backends().get(0).labels()).isEqualTo(Map.of("zone", "eu", "land", "no"));
        assertThat(conf.routing())
                .isEqualTo(new Routing(
                        Policy.LEAST_REQUESTS,
                        Objective.COMPLETION,
                        new Tolerance.Share(0.005),
                        new TierTolerance.Unlimited(),
                        List.of(
                                new Rule(
                                        "rules[0]",
                                        new RequestCondition(
                                                Optional.of(new Glob("/v1/realtime*")),
                                                Optional.of(new Glob("gpt-4o*")),
                                                Map.of("x-data-zone", new Glob("eu"))),
                                        new BackendFilter(
                                                Optional.of("azure"),
                                                Optional.of("westeurope"),
                                                Map.of("zone", "eu"),
                                                Set.of("paid", "more")),
                                        1),
                                new Rule(
                                        "canary",
                                        new RequestCondition(Optional.empty(), Optional.empty(), Map.of()),
                                        new BackendFilter(Optional.empty(), Optional.empty(), Map.of(), Set.of("more")),
                                        0.05)),
                        new Retry(2, 0),
                        0,
                        false,
                        Optional.of(new Hedge(0.025)),
                        List.of(),
                        Map.of()));
    }

    @Test
    void readsTheWeightsOfBackendsForThePolicy() {
        Conf conf = file.valid(TestConfFile.backend("weight: 0")
                + "  - {name: two, provider: openai, url: \"http://127.0.0.1:9102\"}\nrouting: {policy: weighted}\n");

        assertThat(conf.routing().policy()).isEqualTo(Policy.WEIGHTED);
        assertThat(conf.backends()).extracting(conf.routing()::weight).containsExactly(0, 1);
        assertThat(conf.backends().get(0))
                .as("a changed weight keeps connections and forecasts")
                .isEqualTo(
                        file.valid(TestConfFile.backend("weight: 7")).backends().get(0));
    }

    @Test
    void aToleranceMayBeADuration() {
        Routing routing = file.valid(TestConfFile.MINIMAL + "routing: {tolerance: 50ms, tier-tolerance: 1s}")
                .routing();

        assertThat(routing.tolerance()).isEqualTo(new Tolerance.Fixed(Duration.ofMillis(50)));
        assertThat(routing.tierTolerance()).isEqualTo(new TierTolerance.Within(Duration.ofSeconds(1)));
    }

    @Test
    void norwayIsNotFalse() {
        assertThat(file.valid("region: no\n" + TestConfFile.MINIMAL).region()).isEqualTo("no");
    }

    @Test
    void watchesEveryFileOfTheConfEvenMissingOnes() throws Exception {
        Files.writeString(directory.resolve("region"), "nl");
        TestCertificates.EC.writeTo(directory);

        ConfResult result = file.read("""
                region: ${file:region}
                listeners:
                  - {name: a, bind: "h:1", tls: {certificates: [{cert: edge.crt, key: gone.key}]}}
                backends:
                  - {name: b, provider: openai, url: "https://h", tls: {ca: gone.crt}}
                """);

        assertThat(result).isInstanceOf(ConfResult.Invalid.class);
        assertThat(result.files().paths())
                .containsExactlyInAnyOrder(
                        file.path,
                        directory.resolve("region"),
                        directory.resolve("edge.crt"),
                        directory.resolve("gone.key"),
                        directory.resolve("gone.crt"));
    }

    @Test
    void aMissingConfFileIsAProblemAndIsWatched() {
        ConfResult result = new ConfReader(Map.of()).read(Path.of("no-such-directory/crowfly.yaml"));

        assertThat(((ConfResult.Invalid) result).problems())
                .extracting(Problem::toString)
                .containsExactly("no-such-directory/crowfly.yaml:1:1: the conf file does not exist; "
                        + "give the path of a readable YAML file");
        assertThat(result.files().paths())
                .containsExactly(Path.of("no-such-directory/crowfly.yaml").toAbsolutePath());
    }

    @Test
    void readsEveryKeyOfTimeoutsAndLimits() {
        Conf conf = file.valid(TestConfFile.MINIMAL + """
                timeouts: {commit: 10s, body: 90s, body-window: 1m, keepalive: 5s}
                limits: {body-rate: 0B, held-size: 2MiB, held-total: 4MiB}
                """);

        assertThat(conf.timeouts().commit()).isEqualTo(Duration.ofSeconds(10));
        assertThat(conf.timeouts().body()).isEqualTo(Duration.ofSeconds(90));
        assertThat(conf.timeouts().bodyWindow()).isEqualTo(Duration.ofMinutes(1));
        assertThat(conf.timeouts().keepalive()).isEqualTo(Duration.ofSeconds(5));
        assertThat(conf.limits().bodyRate()).isZero();
        assertThat(conf.limits().heldTotal()).isEqualTo(4 << 20);
        Timeouts never = file.valid(TestConfFile.MINIMAL + "timeouts: {commit: 0s, keepalive: 0s}")
                .timeouts();
        assertThat(never.commit()).isZero();
        assertThat(never.keepalive()).isZero();
    }

    @Test
    void theLimitOfUploadsFollowsALimitOfBodiesThatIsNotTheDefault() {
        assertThat(limits("{body-size: 1MiB}").uploadSize()).isEqualTo(1 << 20);
        assertThat(limits("{body-size: 64MiB}").uploadSize()).isEqualTo(513 << 20);
        assertThat(limits("{body-size: 1GiB}").uploadSize()).isEqualTo(1 << 30);
        Limits both = limits("{body-size: 2MiB, upload-size: 3MiB}");
        assertThat(both.bodySize()).isEqualTo(2 << 20);
        assertThat(both.uploadSize()).isEqualTo(3 << 20);
    }

    private Limits limits(String flow) {
        return file.valid(TestConfFile.MINIMAL + "limits: " + flow).limits();
    }

    @Test
    void originsMayBeAListOrEveryOrigin() {
        Cors listed = new Cors(false, Set.of("https://chat.contoso.com", "http://[::1]:3000", "capacitor://localhost"));
        for (String origins : List.of(
                "[HTTPS://Chat.contoso.com, \"http://[::1]:3000\", \"capacitor://localhost\"]", "\"*\"", "[\"*\"]")) {
            Cors expected = origins.contains("*") ? new Cors(true, Set.of()) : listed;
            assertThat(cors(origins)).contains(expected);
            assertThat(cors("{origins: " + origins + "}")).contains(expected);
        }
    }

    private Optional<Cors> cors(String flow) {
        String listener = "{name: public, bind: \"127.0.0.1:8080\", cors: " + flow + "}";
        return file.valid("listeners: [" + listener + "]\n"
                        + "backends: [{name: one, provider: openai, url: \"http://127.0.0.1:9101\"}]\n")
                .listeners()
                .get(0)
                .cors();
    }

    @Test
    void sectionsMayBeEmpty() {
        assertThat(file.valid(TestConfFile.MINIMAL + "limits:\ntimeouts: {}\nprobes:\n  tcp:\n")
                        .backends()
                        .get(0)
                        .probe()
                        .kind())
                .isEqualTo(new Probe.Kind.Tcp());
    }

    @Test
    void portZeroMayBeBoundTwice() {
        file.valid(TestConfFile.MINIMAL.replace("8080", "0") + "admin: {bind: \"127.0.0.1:0\"}");
    }

    @Test
    void anyTextMayBeSubstituted() {
        assertThat(file.valid("region: r-${env:KEY}-${env:KEY}\n" + TestConfFile.MINIMAL)
                        .region())
                .isEqualTo("r-k-secret-1234-k-secret-1234");
    }

    @Test
    void aCommentDoesNotChangeTheConf() {
        assertThat(file.valid(TestConfFile.MINIMAL)).isEqualTo(file.valid(TestConfFile.MINIMAL + "\n# and a comment"));
    }

    @Test
    void readsAByteOrderMark() {
        file.valid('\uFEFF' + TestConfFile.MINIMAL);
    }

    @Test
    void acceptsRsaKeysAndCertificates() throws Exception {
        TestCertificates.RSA.writeTo(directory);
        file.valid(TestConfFile.MINIMAL.replace(
                "8080\"", "8080\", tls: {certificates: [{cert: edge.crt, key: edge.key}]}"));
    }

    @Test
    void aTruncatedFileIsReadOrRefusedButNeverThrows() throws IOException {
        Files.writeString(directory.resolve("token"), "t-secret");
        byte[] whole = """
                region: "nl" # cœur
                listeners: [{name: a, bind: '[::1]:8443', protocols: [http/1.1]}]
                backends:
                  - name: one
                    provider: azure
                    url: https://h/${env:KEY}
                    credential: {api-key: "${file:token}"}
                    models:
                      ? "\\u00e9"
                      : é
                      b: >-
                       b
                      'c': c
                probes: {interval: 1s, http: {path: /, expect: [200]}}
                """.getBytes(StandardCharsets.UTF_8);
        for (int length = 0; length <= whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            Files.write(file.path, cut);
            assertThat(file.problems(new ConfReader(TestConfFile.ENVIRONMENT).read(file.path)))
                    .as("problems of %s", new String(cut, StandardCharsets.UTF_8))
                    .allMatch(problem -> problem.matches("\\d+:\\d+: .+; .+"));
        }
        assertThat(new ConfReader(TestConfFile.ENVIRONMENT).read(file.path)).isInstanceOf(ConfResult.Valid.class);
    }
}
