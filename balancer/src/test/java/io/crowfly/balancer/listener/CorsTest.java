package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBackend.ConnectionScript;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests of web pages at listeners with and without {@code cors}. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class CorsTest extends Testbed {

    private static final String PAGE = "https://chat.contoso.com";
    private static final String LISTED = "cors: {origins: [\"" + PAGE + "\", \"http://localhost:3000\"]}";
    private static final String ANY = "cors: {origins: \"*\"}";

    /** Responds with the head that it has received, and has an own opinion about origins. */
    private static final ConnectionScript ECHO = peer -> {
        while (peer.hasInput()) {
            Message request = Message.readRequest(peer);
            String seen = request.startLine() + "\n" + String.join("\n", request.fields());
            peer.write("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: https://other.test\r\n"
                    + "Access-Control-Allow-Credentials: true\r\nVary: accept-encoding\r\nContent-Length: "
                    + seen.length() + "\r\n\r\n" + seen);
        }
    };

    private RawConnection client(TestBackend backend, String cors) throws Exception {
        String listener = "{name: public, bind: \"127.0.0.1:0\"" + (cors.isEmpty() ? "" : ", " + cors) + "}";
        return client(balancer(Setup.NONE.backend("a", backend).listeners(listener)));
    }

    private static Message send(RawConnection client, String method, String path, String... headers) throws Exception {
        client.write(method + " " + path + " HTTP/1.1\r\nHost: h\r\n"
                + String.join(
                        "", List.of(headers).stream().map(each -> each + "\r\n").toList()) + "\r\n");
        return Message.readResponse(client);
    }

    private static Message preflight(RawConnection client, String origin) throws Exception {
        return send(
                client,
                "OPTIONS",
                "/v1/chat/completions",
                "Origin: " + origin,
                "Access-Control-Request-Method: POST",
                "Access-Control-Request-Headers: authorization,content-type,x-stainless-os");
    }

    private static String corsHeaders(Message response) {
        return String.join(
                "\n",
                response.fields().stream()
                        .map(String::toLowerCase)
                        .filter(line -> line.startsWith("access-control") || line.startsWith("vary"))
                        .sorted()
                        .toList());
    }

    @Test
    void aPreflightOfAListedPageIsAnsweredWithoutABackend() throws Exception {
        TestBackend backend = backend(ECHO);
        RawConnection client = client(backend, LISTED);
        for (String origin : List.of(PAGE, "http://localhost:3000", PAGE)) {
            Message response = preflight(client, origin);
            assertThat(response.status()).isEqualTo(204);
            assertThat(response.header("x-request-id")).isNotEmpty();
            assertThat(corsHeaders(response))
                    .isEqualTo("access-control-allow-headers: authorization,content-type,x-stainless-os\n"
                            + "access-control-allow-methods: get, head, post, put, patch, delete\n"
                            + "access-control-allow-origin: " + origin + "\n"
                            + "access-control-expose-headers: *\n"
                            + "access-control-max-age: 7200\n"
                            + "vary: origin");
        }
        assertThat(backend.connections()).isZero();
    }

    @Test
    void aPreflightOfAnotherPageIsRefused() throws Exception {
        TestBackend backend = backend(ECHO);
        RawConnection client = client(backend, LISTED);
        for (String origin : List.of(
                "https://other.test",
                "null",
                PAGE + ".evil.test",
                "http://chat.contoso.com",
                PAGE + ":8443",
                PAGE + "\r\nOrigin: " + PAGE)) {
            Message response = preflight(client, origin);
            assertThat(response.status()).as(origin).isEqualTo(403);
            assertThat(response.body()).contains("\"code\":\"origin_not_allowed\"");
            assertThat(corsHeaders(response)).isEqualTo("vary: origin");
        }
        assertThat(backend.connections()).isZero();
    }

    @Test
    void responsesToAListedPageSayThatItMayReadThem() throws Exception {
        RawConnection client = client(backend(ECHO), LISTED);
        assertThat(corsHeaders(send(client, "GET", "/v1/files", "Origin: " + PAGE)))
                .isEqualTo("access-control-allow-origin: " + PAGE
                        + "\naccess-control-expose-headers: *\nvary: accept-encoding\nvary: origin");
        assertThat(corsHeaders(send(client, "GET", "/v1/files", "Origin: https://other.test")))
                .isEqualTo("vary: accept-encoding\nvary: origin");
        assertThat(corsHeaders(send(client, "GET", "/v1/files"))).isEqualTo("vary: accept-encoding\nvary: origin");
    }

    @Test
    void withAStarEveryPageMay() throws Exception {
        TestBackend backend = backend(ECHO);
        RawConnection client = client(backend, ANY);
        assertThat(corsHeaders(preflight(client, "null")))
                .contains("access-control-allow-origin: *", "access-control-allow-headers: authorization,content-type");
        assertThat(backend.connections()).isZero();
        for (String[] headers : new String[][] {{"Origin: https://other.test"}, {}}) {
            assertThat(corsHeaders(send(client, "GET", "/v1/files", headers)))
                    .isEqualTo(
                            "access-control-allow-origin: *\naccess-control-expose-headers: *\nvary: accept-encoding");
        }
    }

    @Test
    void crowflysOwnErrorsCarryTheHeadersToo() throws Exception {
        TestBackend gone = backend(OK);
        RawConnection client = client(gone, LISTED);
        gone.refuseConnections();
        String origin = "Origin: " + PAGE;
        Message failed = send(client, "GET", "/v1/models", origin);
        assertThat(failed.status()).isEqualTo(502);
        assertThat(corsHeaders(failed)).contains("access-control-allow-origin: " + PAGE);
        Message tooLarge = send(client, "POST", "/v1/chat/completions", origin, "Content-Length: 99999999999");
        assertThat(tooLarge.status()).isEqualTo(413);
        assertThat(corsHeaders(tooLarge)).contains("access-control-allow-origin: " + PAGE);
        // The request is refused before it becomes an exchange.
        Message badHost = send(client(backend(OK), LISTED), "GET", "/v1/models", "Host: twice", origin);
        assertThat(badHost.status()).isEqualTo(400);
        assertThat(corsHeaders(badHost)).contains("access-control-allow-origin: " + PAGE);
    }

    @Test
    void aTokenStreamCarriesTheHeadersAlsoIfItsHeadIsSentEarly() throws Exception {
        TestBackend silent = backend(RawConnection::readToEnd);
        RawConnection client = client(balancer(Setup.NONE
                .backend("a", silent)
                .listeners("{name: public, bind: \"127.0.0.1:0\", " + LISTED + "}")
                .withLines("timeouts: {commit: 20ms}")));
        String body = "{\"model\":\"m\",\"stream\":true}";
        client.write("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nOrigin: " + PAGE + "\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body);
        Message head = Message.readHead(client);
        assertThat(head.status()).isEqualTo(200);
        assertThat(corsHeaders(head)).contains("access-control-allow-origin: " + PAGE);
    }

    @Test
    void backendsReceiveNothingOfIt() throws Exception {
        RawConnection client = client(backend(ECHO), LISTED);
        for (String origin : List.of(PAGE, "https://other.test")) {
            String seen = send(client, "GET", "/v1/files", "Origin: " + origin, "X-Kept: yes")
                    .body()
                    .toLowerCase();
            assertThat(seen).contains("x-kept: yes").doesNotContain("origin", "access-control");
        }
        // Not a preflight, so a request like any other.
        assertThat(send(client, "OPTIONS", "/v1/files", "Access-Control-Request-Method: GET")
                        .body()
                        .toLowerCase())
                .startsWith("options /v1/files")
                .doesNotContain("access-control");
    }

    @Test
    void rulesStillSeeTheOrigin() throws Exception {
        TestBackend second = backend(ECHO);
        RawConnection client = client(balancer(Setup.NONE
                .backend("a", backend(ECHO))
                .backend("b", second)
                .listeners("{name: public, bind: \"127.0.0.1:0\", " + LISTED + "}")
                .withLines("routing: {rules: [{when: {header: {origin: \"" + PAGE + "\"}}, only: {backends: [b]}}]}")));
        assertThat(send(client, "GET", "/v1/files", "Origin: " + PAGE).status()).isEqualTo(200);
        assertThat(second.connections()).isEqualTo(1);
    }

    @Test
    void withoutTheKeyNothingChanges() throws Exception {
        RawConnection client = client(backend(ECHO), "");
        Message response = preflight(client, PAGE);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body().toLowerCase())
                .startsWith("options /v1/chat/completions")
                .contains("origin: " + PAGE, "access-control-request-method: post", "access-control-request-headers: ");
        assertThat(corsHeaders(response))
                .isEqualTo("access-control-allow-credentials: true\naccess-control-allow-origin: https://other.test\n"
                        + "vary: accept-encoding");
    }

    @Test
    void aReloadAppliesToOpenConnections() throws Exception {
        Setup setup = Setup.NONE.backend("a", backend(ECHO));
        TestBalancer balancer = balancer(
                setup.listeners("{name: public, bind: \"127.0.0.1:0\", cors: {origins: [\"https://old.test\"]}}"));
        RawConnection client = client(balancer);
        assertThat(preflight(client, PAGE).status()).isEqualTo(403);
        balancer.reload(setup.listeners("{name: public, bind: \"127.0.0.1:0\", " + LISTED + "}"));
        assertThat(preflight(client, PAGE).status()).isEqualTo(204);
    }
}
