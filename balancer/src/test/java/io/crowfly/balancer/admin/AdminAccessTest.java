package io.crowfly.balancer.admin;

import static io.crowfly.balancer.testbed.RunningBalancer.conf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RunningBalancer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests that the admin does not serve: a host that DNS rebinding can forge, a missing token, a malformed request.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdminAccessTest {

    private static final List<String> ALL = List.of(
            "GET /",
            "GET /healthz",
            "GET /readyz",
            "GET /metrics",
            "GET /backends",
            "GET /decisions",
            "GET /conf",
            "POST /reload",
            "POST /drain",
            "GET /nowhere");

    private Path directory;
    private RunningBalancer running;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
        running = new RunningBalancer(directory, confWith(""));
    }

    @AfterAll
    void stop() {
        running.close();
    }

    private static String confWith(String keys) {
        String bind = "{bind: \"127.0.0.1:0\"";
        return conf("http://127.0.0.1:1").replace(bind + "}\nbackends", bind + keys + "}\nbackends");
    }

    /** @param keys beside {@code bind}; begins with a comma */
    private void reload(String keys) throws Exception {
        Files.writeString(running.file, confWith(keys));
        assertThat(running.balancer.reload()).isEmpty();
    }

    /** @param head of a request, without the empty line */
    private Message send(String head) throws Exception {
        try (RawConnection client = RawConnection.connect(running.balancer.adminPort())) {
            client.write(head + "\r\n\r\n");
            return Message.readResponse(client);
        }
    }

    private int status(String host) throws Exception {
        return send("GET /conf HTTP/1.1\r\nHost: " + host).status();
    }

    @Test
    void everyPathRefusesAHostThatDnsRebindingCanForge() throws Exception {
        reload("");
        for (String line : ALL) {
            Message response = send(line + " HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example");
            assertThat(response.status()).as(line).isEqualTo(403);
            assertThat(RunningBalancer.parseJson(response.body()))
                    .asInstanceOf(MAP)
                    .containsOnlyKeys("error");
        }
        assertThat(send("GET /healthz HTTP/1.1\r\nHost: localhost").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example:9901",
                "localhost.evil.example",
                "127.0.0.1.evil.example:80",
                "edge.internal.evil.example",
                "notedge.internal",
                "internal",
                "127.1",
                "2130706433",
                "[:::1]",
                ""
            })
    void aHostThatIsNotListedIsRefused(String host) throws Exception {
        reload(", hosts: [edge.internal]");
        assertThat(status(host)).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "10.0.0.5:9901",
                "[::1]:9901",
                "[2001:db8::1]",
                "localhost:1",
                "LOCALHOST",
                "edge.internal",
                "Edge.Internal:80"
            })
    void anAddressAndALocalOrListedNameIsServed(String host) throws Exception {
        reload(", hosts: [EDGE.internal]");
        assertThat(status(host)).isEqualTo(200);
    }

    @Test
    void aRequestWithoutAHostIsRefused() throws Exception {
        reload("");
        assertThat(send("GET /conf HTTP/1.0").status()).isEqualTo(403);
        assertThat(send("GET /conf HTTP/1.1").status()).isEqualTo(400);
    }

    @Test
    void theHostInATargetCountsAsWell() throws Exception {
        reload("");
        assertThat(send("GET http://evil.example/conf HTTP/1.1\r\nHost: localhost")
                        .status())
                .isEqualTo(403);
        assertThat(send("GET http://localhost/conf HTTP/1.1\r\nHost: evil.example")
                        .status())
                .isEqualTo(403);
        assertThat(send("GET http://localhost:9901/conf HTTP/1.1\r\nHost: 127.0.0.1")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aPostFromAPageOfAListedNameIsServed() throws Exception {
        reload(", hosts: [edge.internal]");
        String head = "POST /reload HTTP/1.1\r\nHost: edge.internal\r\nContent-Length: 0\r\nOrigin: ";
        assertThat(send(head + "https://edge.internal").status()).isEqualTo(200);
        assertThat(send(head + "https://other.internal").status()).isEqualTo(403);
        assertThat(send(head + "null").status()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /%zz HTTP/1.1\r\nHost: localhost",
                "GET /% HTTP/1.1\r\nHost: localhost",
                "GET /conf%a HTTP/1.1\r\nHost: localhost",
                "GET /decisions?last=%zz HTTP/1.1\r\nHost: localhost",
                "GET /metrics?% HTTP/1.1\r\nHost: localhost",
                "GET /conf#top HTTP/1.1\r\nHost: localhost",
                "GET conf HTTP/1.1\r\nHost: localhost",
                "OPTIONS * HTTP/1.1\r\nHost: localhost",
                "GET /conf HTTP/2.0\r\nHost: localhost",
                "GET /conf HTTP/1.1\r\nHost: localhost\r\nHost: localhost",
                "GET /conf HTTP/1.1\r\nHost: localhost:port",
                "GET /conf HTTP/1.1\r\nHost: localhost@evil.example",
                "GET /conf HTTP/1.1\r\nHost: [::1",
                "GET /conf HTTP/1.1\r\nHost: local host",
                "GET /conf HTTP/1.1\r\nHost: localhost\r\nContent-Length: x",
                "GET /conf HTTP/1.1\r\nHost: localhost\r\nno colon",
                "what is this",
            })
    void aMalformedRequestGetsA400(String head) throws Exception {
        reload("");
        Message response = send(head);
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).contains("not valid HTTP/1.1");
    }

    @Test
    void aTokenIsNeededExceptForHealthChecks() throws Exception {
        reload(", token: t-1");
        for (String line : ALL) {
            Message response = send(line + " HTTP/1.1\r\nHost: localhost");
            if (line.endsWith("z")) {
                assertThat(response.status()).as(line).isIn(200, 503);
            } else {
                assertThat(response.status()).as(line).isEqualTo(401);
                assertThat(response.header("www-authenticate")).isEqualTo("Bearer");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer t-2", "Bearer", "Bearer t-1 t-1", "t-1", "Basic t-1", "Bearer t-", "Bearer T-1"})
    void anotherTokenIsRefused(String authorization) throws Exception {
        reload(", token: t-1");
        assertThat(send("GET /conf HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + authorization)
                        .status())
                .isEqualTo(401);
    }

    @Test
    void theTokenIsServedAndNeverShown() throws Exception {
        reload(", hosts: [edge.internal], token: t-1");
        for (String authorization : List.of("Bearer t-1", "bearer t-1")) {
            Message response = send("GET /conf HTTP/1.1\r\nHost: edge.internal\r\nAuthorization: " + authorization);
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.body().replaceAll("\\s", ""))
                    .contains("\"hosts\":[\"edge.internal\"],\"token\":\"***\"")
                    .doesNotContain("t-1");
        }
    }

    @Test
    void theTokenDoesNotReplaceTheHost() throws Exception {
        reload(", token: t-1");
        assertThat(send("GET /conf HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer t-1")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void aNewTokenInItsFileTakesEffectByItself() throws Exception {
        Files.writeString(directory.resolve("token"), "first\n");
        reload(", token: '${file:token}'");
        assertThat(statusWith("first")).isEqualTo(200);
        Files.writeString(directory.resolve("token"), "second\n");
        await().until(() -> statusWith("second") == 200);
        assertThat(statusWith("first")).isEqualTo(401);
    }

    private int statusWith(String token) throws Exception {
        return send("GET /conf HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token)
                .status();
    }
}
