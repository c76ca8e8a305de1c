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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/**
 * Secrets for one realtime session, which browsers show in place of a key. Two backends with credentials of their own, {@code b}
 * behind {@code a}, so that {@code a} gets whatever has no home; secrets are made at {@code b}, where a rule sends those who ask
 * for it.
 */
class RealtimeSecretTest extends Testbed {

    private static final String B_BY_RULE = "routing: {rules: [{when: {header: {x-at: b}}, only: {backends: [b]}}]}";
    private static final String AT_B = "X-At: b\r\n";
    private static final String MINT = "client_secrets";

    private static final String SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    private record Received(String backend, Message request) {

        boolean contains(String text) {
            return request.fields().stream().anyMatch(line -> line.contains(text));
        }
    }

    private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();

    /** What a call is answered. */
    private volatile String callResponse = "HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nsdp";

    /** Gives out secrets in each form of the API, goes over where that is asked for, and takes calls. */
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
                } else if (request.target().endsWith(MINT)) {
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

    /** By the backend that the fields lead to. */
    private void mint(RawConnection client, String operation, String fields) throws Exception {
        String body = "{\"session\":{\"type\":\"realtime\",\"model\":\"m\"}}";
        Message made = post(client, "/v1/realtime/" + operation, fields + "Content-Type: application/json\r\n", body);
        assertThat(made.status()).isEqualTo(200);
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
    void aWebSocketIsOpenedWhereItsSecretWasMadeAndWithIt() throws Exception {
        TestBalancer balancer = balancer();
        for (String operation : new String[] {MINT, "sessions", "transcription_sessions"}) {
            mint(client(balancer), operation, AT_B);
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
    void aCallIsMadeWhereItsSecretWasMadeAndWithIt() throws Exception {
        RawConnection client = client(balancer());
        mint(client, MINT, AT_B);
        assertThat(call(client, bearer("ek_b") + "Api-Key: theirs\r\n").body()).isEqualTo("sdp");
        Received made = nextReceived();
        assertThat(made.backend()).isEqualTo("b");
        assertThat(made.request().header("authorization")).isEqualTo("Bearer ek_b");
        assertThat(made.contains("theirs")).isFalse();
        call(client, bearer("sk-client"));
        assertThat(nextReceived().backend()).isEqualTo("a");
    }

    @Test
    void azureIsShownItAsABearerWhateverItsOwnCredential() throws Exception {
        for (String credential : new String[] {"api-key: key-b", "passthrough: true"}) {
            RawConnection client = client(balancer("provider: azure, credential: {" + credential + "}"));
            mint(client, MINT, AT_B);
            call(client, bearer("ek_b"));
            Received made = nextReceived();
            assertThat(made.backend()).isEqualTo("b");
            assertThat(made.request().target()).isEqualTo("/openai/v1/realtime/calls");
            assertThat(made.request().header("authorization")).isEqualTo("Bearer ek_b");
            assertThat(made.request().has("api-key")).isFalse();
        }
    }

    @Test
    void theOnlyBackendIsShownWhatItHasMadeToo() throws Exception {
        RawConnection client = client(
                balancer(Setup.NONE.backend("a", realtime("a"), "provider: openai, credential: {bearer: key-a}")));
        mint(client, MINT, "");
        call(client, bearer("ek_a"));
        assertThat(nextReceived().request().header("authorization")).isEqualTo("Bearer ek_a");
        call(client, bearer("ek_x"));
        assertThat(nextReceived().request().header("authorization")).isEqualTo("Bearer key-a");
    }

    @Test
    void aSecretThatNobodyHasMadeReachesNobody() throws Exception {
        TestBalancer balancer = balancer();
        mint(client(balancer), MINT, AT_B);
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
    void aSecretIsNotMadeByNamingWhatStandsForIt() throws Exception {
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
    void aSecretOpensASessionAndNothingElse() throws Exception {
        RawConnection client = client(balancer());
        mint(client, MINT, AT_B);
        post(client, "/v1/responses", bearer("ek_b"), "{\"model\":\"m\",\"input\":\"x\"}");
        Received request = nextReceived();
        assertThat(request.backend()).isEqualTo("a");
        assertThat(request.request().header("authorization")).isEqualTo("Bearer key-a");
    }

    @Test
    void aSecretThatHasExpiredIsItsClientsAffairAndNotHeldAgainstItsBackend() throws Exception {
        RawConnection client = client(balancer());
        mint(client, MINT, "");
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
    void nobodyElseIsAskedWhereItsBackendFails() throws Exception {
        RawConnection client = client(balancer());
        mint(client, MINT, AT_B);
        callResponse = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n";
        assertThat(call(client, bearer("ek_b")).status()).isEqualTo(429);
        assertThat(nextReceived().backend()).isEqualTo("b");
        assertThat(received).isEmpty();
    }

    @Test
    void nobodyElseIsAskedWhereTheConfLetsNobodyGoToItsBackend() throws Exception {
        RawConnection client = client(balancer());
        mint(client, MINT, "");
        assertThat(call(client, AT_B + bearer("ek_a")).status()).isEqualTo(503);
        assertThat(received).isEmpty();
    }

    @Test
    void nothingThatOperatorsSeeShowsIt() throws Exception {
        TestBackend backend = realtime("one");
        try (CapturedLog log = new CapturedLog(Logger.ROOT_LOGGER_NAME);
                RunningBalancer running =
                        new RunningBalancer(directory, RunningBalancer.conf("http://127.0.0.1:" + backend.port()));
                RawConnection client = RawConnection.connect(running.balancer.port("public"))) {
            mint(client, MINT, "");
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
    void isMadeByABackendThatServesTheSessionsModelUnderItsName() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", realtime("a"), "provider: openai, models: {gpt-4o: gpt-4o}, credential: {bearer: key-a}")
                .backend("b", realtime("b"), "provider: openai, models: {talk: talk-b}, credential: {bearer: key-b}"));
        RawConnection client = client(balancer);

        Message made = post(
                client,
                "/v1/realtime/client_secrets",
                "Content-Type: application/json\r\n",
                "{\"session\":{\"type\":\"realtime\",\"model\":\"talk\"}}");

        assertThat(made.status()).isEqualTo(200);
        Received mint = nextReceived();
        assertThat(mint.backend()).isEqualTo("b");
        assertThat(mint.request().body()).isEqualTo("{\"session\":{\"type\":\"realtime\",\"model\":\"talk-b\"}}");
    }

    @Test
    void whatMayNameItsModelElsewhereIsBoundByRulesAboutModels() throws Exception {
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
    void rulesAboutModelsHoldWhenASecretIsMadeAndNotOnceMoreForItsSession() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", realtime("a"), "provider: openai")
                .backend("b", realtime("b"), "provider: openai")
                .withLines("routing: {rules: [{when: {model: other}, only: {backends: [b]}}]}"));
        RawConnection client = client(balancer);
        mint(client, MINT, "");

        call(client, bearer("ek_a"));
        assertThat(nextReceived().backend()).isEqualTo("a");
        call(client, bearer("ek_x"));
        assertThat(nextReceived().backend()).isEqualTo("b");
    }
}
