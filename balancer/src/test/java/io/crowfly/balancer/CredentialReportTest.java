package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.balancer.testbed.RunningBalancer;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestTokenServer;
import io.crowfly.balancer.testbed.TokenDialects;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** What operators see of a credential that is fetched from a token server. */
class CredentialReportTest {

    private static final String FAILURES = "crowfly_credential_failures{backend=\"g\",provider=\"google\",} ";
    private static final String IS_OK = "crowfly_credential_ok{backend=\"g\",provider=\"google\",} ";
    private static final String EXPIRY =
            "crowfly_credential_expiry_timestamp_seconds{backend=\"g\",provider=\"google\",} ";

    @TempDir
    Path directory;

    private TestTokenServer tokens;

    @BeforeEach
    void serve() throws Exception {
        tokens = new TestTokenServer(InstantSource.system(), TokenDialects.metadataServer("default"));
    }

    @AfterEach
    void close() throws Exception {
        tokens.close();
    }

    private RunningBalancer start() throws Exception {
        return new RunningBalancer(directory, """
                listeners: [{name: public, bind: "127.0.0.1:0"}]
                admin: {bind: "127.0.0.1:0"}
                backends:
                  - name: g
                    provider: google
                    url: "http://127.0.0.1:1"
                    project: p
                    location: l
                    credential: {metadata-server: {host: "%s"}}
                  - {name: k, provider: azure, url: "http://127.0.0.1:1", credential: {api-key: "${env:KEY}"}}
                """.formatted(tokens.uri("")));
    }

    private static Map<?, ?> credential(RunningBalancer running, String backend) throws Exception {
        return assertThat(running.json("/backends"))
                .asInstanceOf(LIST)
                .filteredOn(entry -> ((Map<?, ?>) entry).get("name").equals(backend))
                .singleElement()
                .asInstanceOf(MAP)
                .extractingByKey("credential", MAP)
                .actual();
    }

    @Test
    void showsWhenACredentialExpires() throws Exception {
        try (RunningBalancer running = start()) {
            await().until(() -> "true".equals(credential(running, "g").get("ok")));
            Map<?, ?> credential = credential(running, "g");
            assertThat(credential)
                    .asInstanceOf(MAP)
                    .containsOnlyKeys("kind", "ok", "expires", "failures", "reason")
                    .containsEntry("kind", "metadata-server")
                    .containsEntry("failures", "0")
                    .containsEntry("reason", null);
            assertThat(Instant.parse((String) credential.get("expires"))).isAfter(Instant.now());
            assertThat(running.metrics()).contains(IS_OK + "1.0", FAILURES + "0.0", EXPIRY);
        }
    }

    @Test
    void showsAKeyThatNeverExpires() throws Exception {
        try (RunningBalancer running = start()) {
            assertThat(credential(running, "k"))
                    .asInstanceOf(MAP)
                    .containsEntry("kind", "api-key")
                    .containsEntry("ok", "true")
                    .containsEntry("expires", null)
                    .containsEntry("failures", "0")
                    .containsEntry("reason", null);
            assertThat(running.metrics())
                    .contains("crowfly_credential_failures{backend=\"k\",provider=\"azure\",} 0.0")
                    .doesNotContain("crowfly_credential_expiry_timestamp_seconds{backend=\"k\"");
        }
    }

    @Test
    @ResourceLock(Resources.SYSTEM_OUT)
    void showsHowOftenAndWhyFetchesFailed() throws Exception {
        for (int i = 0; i < 100; i++) {
            tokens.scriptResponse("503 Service Unavailable", "{}");
        }
        try (CapturedLog log = new CapturedLog(CredentialAlarms.class.getName());
                RunningBalancer running = start()) {
            await().until(() -> !"0".equals(credential(running, "g").get("failures")));
            assertThat(credential(running, "g"))
                    .asInstanceOf(MAP)
                    .containsEntry("ok", "false")
                    .containsEntry("expires", null)
                    .extractingByKey("reason")
                    .asString()
                    .contains("503");
            assertThat(running.metrics())
                    .contains(IS_OK + "0.0")
                    .containsPattern("crowfly_credential_failures\\{backend=\"g\",provider=\"google\",} [1-9]")
                    .doesNotContain(EXPIRY);
            await().untilAsserted(() -> assertThat(log.lines(Level.ERROR))
                    .singleElement()
                    .asString()
                    .startsWith("backend g: has no credential (")
                    .contains("503"));
            assertThat(top(running)).containsPattern("g +google .*credential failed [1-9]\\d* times: .*503");
        }
    }

    @Test
    void reportsAStandbyBackendWhoseProbesAreRefused() throws Exception {
        try (TestBackend first = TestBackend.respondingWith("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                TestBackend standby = TestBackend.respondingWith("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
                CapturedLog log = new CapturedLog(Alarms.class.getName());
                RunningBalancer running = new RunningBalancer(directory, """
                        listeners: [{name: public, bind: "127.0.0.1:0"}]
                        admin: {bind: "127.0.0.1:0"}
                        probes: {interval: 100ms, timeout: 10s, http: {path: /v1/models}}
                        backends:
                          - {name: a, provider: openai, url: "http://127.0.0.1:%d"}
                          - name: b
                            tier: 2
                            provider: openai
                            url: "http://127.0.0.1:%d"
                            credential: {bearer: "${env:KEY}"}
                        """.formatted(first.port(), standby.port()))) {
            await().until(() ->
                    running.metrics().contains("crowfly_backend_unauthorized{backend=\"b\",provider=\"openai\",} 1.0"));
            assertThat(running.metrics())
                    .contains("crowfly_backend_unauthorized{backend=\"a\",provider=\"openai\",} 0.0");
            assertThat(running.json("/backends"))
                    .asInstanceOf(LIST)
                    .filteredOn(entry -> ((Map<?, ?>) entry).get("name").equals("b"))
                    .singleElement()
                    .asInstanceOf(MAP)
                    .containsEntry("unauthorized", "true")
                    .containsEntry("healthy", "false")
                    .containsEntry("ejected", "false");
            await().untilAsserted(() -> assertThat(log.lines(Level.ERROR))
                    .singleElement()
                    .asString()
                    .startsWith("backend b: its probes are refused (")
                    .doesNotContain(RunningBalancer.SECRET));
        }
    }

    private static String top(RunningBalancer running) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream usual = System.out;
        System.setOut(new PrintStream(printed, true));
        try {
            Main.commandLine().execute("top", "127.0.0.1:" + running.balancer.adminPort(), "--once");
        } finally {
            System.setOut(usual);
        }
        return printed.toString();
    }
}
