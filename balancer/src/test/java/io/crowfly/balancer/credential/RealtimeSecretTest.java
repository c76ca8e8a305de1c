package io.crowfly.balancer.credential;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.affinity.StateIdFormat;
import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RunningBalancer;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/**
 * Secrets for one realtime session, which browsers send in place of a key. There are two backends with their own
 * credentials. Requests without an owner go to {@code a}, which is listed first. A rule sends requests with a certain
 * header to {@code b}, so that {@code b} creates the secrets.
 */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class RealtimeSecretTest extends Testbed {

    private static final String B_BY_RULE = "routing: {rules: [{when: {header: {x-at: b}}, only: {backends: [b]}}]}";
    private static final String AT_B = "X-At: b\r\n";
    private static final String CLIENT_SECRETS = "client_secrets";

    private static final String SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    private record Received(String backend, Message request) {

        boolean contains(String text) {
            return request.fields().stream().anyMatch(line -> line.contains(text));
        }
    }

    private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();

    /** The backends' response to a call. */
    private volatile String callResponse = "HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nsdp";

    /**
     * Starts a backend that creates secrets in each form of the API, switches protocols on request, and accepts calls.
     */
    private TestBackend realtime(String name) throws Exception {
        return backend(peer -> {
            while (peer.hasInput()) {
                Message request = Message.readRequest(peer);
                if (request.target().equals("/health")) {
                    peer.write(OK);
                    continue;
                }
                received.add(new Received(name, request));
                if (request.target().endsWith("sessions")) {
                    json(peer, "{\"id\":\"sess_" + name + "\",\"client_secret\":{\"value\":\"ek_" + name + "\"}}");
                } else if (request.target().endsWith(CLIENT_SECRETS)) {
                    json(peer, "{\"value\":\"ek_" + name + "\",\"session\":{\"id\":\"sess_" + name + "\"}}");
                } else if (request.has("upgrade")) {
                    peer.write(SWITCHED);
                    peer.readToEnd();
                } else {
                    peer.write(callResponse);
                }
            }
        });
    }

    private static void json(RawConnection peer, String body) throws Exception {
        peer.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + body);
    }

    private TestBalancer balancer(String b) throws Exception {
        return balancer(Setup.NONE
                .backend("a", realtime("a"), "provider: openai, credential: {bearer: key-a}")
                .backend("b", realtime("b"), b)
                .withLines(B_BY_RULE));
    }

    private TestBalancer balancer() throws Exception {
        return balancer("provider: openai, credential: {bearer: key-b}");
    }

    private static Message post(RawConnection client, String path, String fields, String body) throws Exception {
        client.write("POST " + path + " HTTP/1.1\r\nHost: h\r\n" + fields + "Content-Length: " + body.length()
                + "\r\n\r\n" + body);
        return Message.readResponse(client);
    }

    /** Creates a secret at the backend that the header fields select. */
    private void createSecret(RawConnection client, String operation, String fields) throws Exception {
        String body = "{\"session\":{\"type\":\"realtime\",\"model\":\"m\"}}";
        Message created =
                post(client, "/v1/realtime/" + operation, fields + "Content-Type: application/json\r\n", body);
        assertThat(created.status()).isEqualTo(200);
        assertThat(nextReceived().contains("Bearer ek_")).isFalse();
    }

    private static Message call(RawConnection client, String fields) throws Exception {
        return post(client, "/v1/realtime/calls", fields + "Content-Type: application/sdp\r\n", "v=0");
    }

    private static String bearer(String credential) {
        return "Authorization: Bearer " + credential + "\r\n";
    }

    private static void open(RawConnection client, String fields) throws Exception {
        client.write("GET /v1/realtime?model=m HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" + fields + "\r\n");
        assertThat(Message.readHead(client).status()).isEqualTo(101);
    }

    private Received nextReceived() throws InterruptedException {
        return received.poll(5, TimeUnit.SECONDS);
    }

    @Test
    void aWebSocketIsOpenedAtTheSecretsBackendWithTheSecret() throws Exception {
        TestBalancer balancer = balancer();
        for (String operation : new String[] {CLIENT_SECRETS, "sessions", "transcription_sessions"}) {
            createSecret(client(balancer), operation, AT_B);
            open(client(balancer), "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.ek_b\r\n");
            Received opened = nextReceived();
            assertThat(opened.backend()).isEqualTo("b");
            assertThat(opened.request().header("authorization")).isEqualTo("Bearer ek_b");
            assertThat(opened.request().header("sec-websocket-protocol")).isEqualTo("realtime");
        }
        open(client(balancer), bearer("ek_b"));
        assertThat(nextReceived().backend()).isEqualTo("b");
    }

    @Test
    void aCallIsSentToTheSecretsBackendWithTheSecret() throws Exception {
        RawConnection client = client(balancer());
        createSecret(client, CLIENT_SECRETS, AT_B);
        assertThat(call(client, bearer("ek_b") + "Api-Key: theirs\r\n").body()).isEqualTo("sdp");
        Received call = nextReceived();
        assertThat(call.backend()).isEqualTo("b");
        assertThat(call.request().header("authorization")).isEqualTo("Bearer ek_b");
        assertThat(call.contains("theirs")).isFalse();
        call(client, bearer("sk-client"));
        assertThat(nextReceived().backend()).isEqualTo("a");
    }

    @Test
    void azureReceivesTheSecretAsBearerForAnyCredentialOfTheConf() throws Exception {
        for (String credential : new String[] {"api-key: key-b", "passthrough: true"}) {
            RawConnection client = client(balancer("provider: azure, credential: {" + credential + "}"));
            createSecret(client, CLIENT_SECRETS, AT_B);
            call(client, bearer("ek_b"));
            Received call = nextReceived();
            assertThat(call.backend()).isEqualTo("b");
            assertThat(call.request().target()).isEqualTo("/openai/v1/realtime/calls");
            assertThat(call.request().header("authorization")).isEqualTo("Bearer ek_b");
            assertThat(call.request().has("api-key")).isFalse();
        }
    }

    @Test
    void aSingleBackendReceivesItsOwnSecretToo() throws Exception {
        RawConnection client = client(
                balancer(Setup.NONE.backend("a", realtime("a"), "provider: openai, credential: {bearer: key-a}")));
        createSecret(client, CLIENT_SECRETS, "");
        call(client, bearer("ek_a"));
        assertThat(nextReceived().request().header("authorization")).isEqualTo("Bearer ek_a");
        call(client, bearer("ek_x"));
        assertThat(nextReceived().request().header("authorization")).isEqualTo("Bearer key-a");
    }

    @Test
    void anInventedSecretReachesNoBackend() throws Exception {
        TestBalancer balancer = balancer();
        createSecret(client(balancer), CLIENT_SECRETS, AT_B);
        call(client(balancer), bearer("ek_x"));
        open(client(balancer), bearer("ek_x"));
        open(client(balancer), "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.ek_x\r\n");
        for (int i = 0; i < 3; i++) {
            Received request = nextReceived();
            assertThat(request.backend()).isEqualTo("a");
            assertThat(request.request().header("authorization")).isEqualTo("Bearer key-a");
            assertThat(request.contains("ek_x")).isFalse();
        }
    }

    @Test
    void aResponseThatContainsADigestDoesNotRegisterASecret() throws Exception {
        RawConnection client = client(balancer());
        String digest = StateIdFormat.fromSecret("ek_x");
        String named = "{\"id\":\"" + digest + "\",\"value\":\"ek_x\"}";
        callResponse = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + named.length()
                + "\r\n\r\n" + named;
        client.write("GET /v1/files/" + digest + " HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(Message.readResponse(client).body()).isEqualTo(named);
        assertThat(post(client, "/v1/conversations", "", "{}").body()).isEqualTo(named);
        call(client, bearer("ek_x"));
        for (int i = 0; i < 3; i++) {
            assertThat(nextReceived().request().header("authorization")).isEqualTo("Bearer key-a");
        }
    }

    @Test
    void aSecretIsUsedOnlyToOpenASession() throws Exception {
        RawConnection client = client(balancer());
        createSecret(client, CLIENT_SECRETS, AT_B);
        post(client, "/v1/responses", bearer("ek_b"), "{\"model\":\"m\",\"input\":\"x\"}");
        Received request = nextReceived();
        assertThat(request.backend()).isEqualTo("a");
        assertThat(request.request().header("authorization")).isEqualTo("Bearer key-a");
    }

    @Test
    void anExpiredSecretIsNotAFailureOfItsBackend() throws Exception {
        RawConnection client = client(balancer());
        createSecret(client, CLIENT_SECRETS, "");
        callResponse = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno";
        for (int i = 0; i < 10; i++) {
            Message refused = call(client, bearer("ek_a"));
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.body()).isEqualTo("no");
            assertThat(nextReceived().backend()).isEqualTo("a");
        }
        callResponse = OK;
        call(client, "");
        assertThat(nextReceived().backend()).isEqualTo("a");
        assertThat(received).isEmpty();
    }

    @Test
    void noOtherBackendIsTriedWhenTheSecretsBackendFails() throws Exception {
        RawConnection client = client(balancer());
        createSecret(client, CLIENT_SECRETS, AT_B);
        callResponse = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n";
        assertThat(call(client, bearer("ek_b")).status()).isEqualTo(429);
        assertThat(nextReceived().backend()).isEqualTo("b");
        assertThat(received).isEmpty();
    }

    @Test
    void noOtherBackendIsTriedWhenARuleExcludesTheSecretsBackend() throws Exception {
        RawConnection client = client(balancer());
        createSecret(client, CLIENT_SECRETS, "");
        assertThat(call(client, AT_B + bearer("ek_a")).status()).isEqualTo(503);
        assertThat(received).isEmpty();
    }

    @Test
    void noLogOrAdminPageContainsTheSecret() throws Exception {
        TestBackend backend = realtime("one");
        try (CapturedLog log = new CapturedLog(Logger.ROOT_LOGGER_NAME);
                RunningBalancer running =
                        new RunningBalancer(directory, RunningBalancer.conf("http://127.0.0.1:" + backend.port()));
                RawConnection client = RawConnection.connect(running.balancer.port("public"))) {
            createSecret(client, CLIENT_SECRETS, "");
            assertThat(call(client, bearer("ek_one")).status()).isEqualTo(201);
            assertThat(nextReceived().request().header("authorization")).isEqualTo("Bearer ek_one");
            for (String page : new String[] {"/decisions?last=10", "/backends", "/conf", "/metrics"}) {
                assertThat(running.admin("GET", page).body()).isNotEmpty().doesNotContain("ek_one");
            }
            assertThat(Stream.of(Level.DEBUG, Level.INFO, Level.WARN, Level.ERROR)
                            .flatMap(level -> log.lines(level).stream()))
                    .noneMatch(line -> line.contains("ek_one"));
        }
    }

    @Test
    void isCreatedByABackendThatServesTheSessionsModel() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", realtime("a"), "provider: openai, models: {gpt-4o: gpt-4o}, credential: {bearer: key-a}")
                .backend("b", realtime("b"), "provider: openai, models: {talk: talk-b}, credential: {bearer: key-b}"));
        RawConnection client = client(balancer);

        Message created = post(
                client,
                "/v1/realtime/client_secrets",
                "Content-Type: application/json\r\n",
                "{\"session\":{\"type\":\"realtime\",\"model\":\"talk\"}}");

        assertThat(created.status()).isEqualTo(200);
        Received creation = nextReceived();
        assertThat(creation.backend()).isEqualTo("b");
        assertThat(creation.request().body()).isEqualTo("{\"session\":{\"type\":\"realtime\",\"model\":\"talk-b\"}}");
    }

    @Test
    void rulesAboutModelsApplyWhenTheModelMayBeElsewhereInTheBody() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", realtime("a"), "provider: openai")
                .backend("b", realtime("b"), "provider: openai")
                .withLines("routing: {rules: [{when: {model: secret}, only: {backends: [b]}}]}"));
        RawConnection client = client(balancer);

        post(
                client,
                "/v1/realtime/client_secrets",
                "Content-Type: application/json\r\n",
                "{\"session\":{\"audio\":{\"input\":{\"transcription\":{\"model\":\"secret\"}}}}}");

        assertThat(nextReceived().backend()).isEqualTo("b");
    }

    @Test
    void rulesAboutModelsApplyToTheSecretsCreationAndNotAgainToItsSession() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", realtime("a"), "provider: openai")
                .backend("b", realtime("b"), "provider: openai")
                .withLines("routing: {rules: [{when: {model: other}, only: {backends: [b]}}]}"));
        RawConnection client = client(balancer);
        createSecret(client, CLIENT_SECRETS, "");

        call(client, bearer("ek_a"));
        assertThat(nextReceived().backend()).isEqualTo("a");
        call(client, bearer("ek_x"));
        assertThat(nextReceived().backend()).isEqualTo("b");
    }
}
