package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Certificates;
import io.crowfly.balancer.testbed.CopyCounter;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.Patience;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** WebSockets whose model stands in the query: an upgrade like any other, and then bytes, both ways, that nobody reads. */
class WebSocketTest extends Testbed {

    private static final String UPGRADE = upgrade("/v1/realtime?model=m");

    private static final String SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    /** A whole masked frame, with bytes in it that HTTP would trip over. */
    private static final String FRAME = "\u0081\u0085\u0001\u0002\u0003\u0004\r\n\r\n\u0000";

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    private static String upgrade(String target, String... fields) {
        String more = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
        return "GET " + target
                + " HTTP/1.1\r\nHost: api.test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" + more + "\r\n";
    }

    private TestBackend switching(TestBackend.Script script) throws Exception {
        return backend(peer -> {
            Message.readRequest(peer);
            peer.write(SWITCHED);
            script.play(peer);
        });
    }

    /** Goes over, and notes all that is said to it until nothing more is. */
    private TestBackend listening() throws Exception {
        return switching(peer -> heard.add(peer.readToEnd().text()));
    }

    private String heard() throws InterruptedException {
        return heard.poll(Patience.SECONDS, TimeUnit.SECONDS);
    }

    /** One that has gone over. */
    private Wire open(TestBalancer balancer) throws Exception {
        Wire client = client(balancer);
        client.write(UPGRADE);
        assertThat(Message.readHead(client).status()).isEqualTo(101);
        return client;
    }

    @AfterEach
    void stopCounting() {
        CopyCounter.stop();
    }

    @Test
    void bothSidesHearEachOther() throws Exception {
        Wire client = open(balancer(switching(peer -> {
            while (true) {
                peer.write("heard " + peer.read(FRAME.length()));
            }
        })));
        for (int i = 0; i < 3; i++) {
            client.write(FRAME);
            assertThat(client.read(6 + FRAME.length())).isEqualTo("heard " + FRAME);
        }
    }

    @Test
    void whatTheBackendSaysAtOnceComesBehindItsAnswer() throws Exception {
        Wire client = open(balancer(backend(peer -> {
            Message.readRequest(peer);
            peer.write(SWITCHED + FRAME);
            peer.readToEnd();
        })));
        assertThat(client.read(FRAME.length())).isEqualTo(FRAME);
    }

    @Test
    void theHandshakeIsBetweenClientAndBackendButForModelAndCredential() throws Exception {
        BlockingQueue<Message> requests = new LinkedBlockingQueue<>();
        TestBackend backend = backend(peer -> {
            requests.add(Message.readRequest(peer));
            peer.write(SWITCHED);
            peer.readToEnd();
        });
        Wire client = client(balancer(Setup.NONE.backend(
                "a", backend, "provider: azure, models: {m: dep}, credential: {api-key: \"server-key\"}")));
        client.write(upgrade(
                "/v1/realtime?model=m",
                "Authorization: Bearer client-key",
                "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.client-key",
                "Sec-WebSocket-Extensions: permessage-deflate"));
        Message answer = Message.readHead(client);
        assertThat(answer.status()).isEqualTo(101);
        assertThat(answer.header("upgrade")).isEqualTo("websocket");
        assertThat(answer.header("connection")).isEqualToIgnoringCase("upgrade");
        assertThat(answer.header("sec-websocket-accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        Message request = requests.poll(Patience.SECONDS, TimeUnit.SECONDS);
        assertThat(request.target()).isEqualTo("/openai/v1/realtime?model=dep");
        assertThat(request.header("upgrade")).isEqualTo("websocket");
        assertThat(request.header("connection")).isEqualToIgnoringCase("upgrade");
        assertThat(request.header("sec-websocket-key")).isEqualTo("dGhlIHNhbXBsZSBub25jZQ==");
        assertThat(request.header("sec-websocket-version")).isEqualTo("13");
        assertThat(request.header("sec-websocket-extensions")).isEqualTo("permessage-deflate");
        assertThat(request.header("sec-websocket-protocol")).isEqualTo("realtime");
        assertThat(request.header("api-key")).isEqualTo("server-key");
        assertThat(request.fields()).noneMatch(line -> line.contains("client-key"));
    }

    @Test
    void elsewhereAnUpgradeIsAnOrdinaryRequest() throws Exception {
        BlockingQueue<Message> requests = new LinkedBlockingQueue<>();
        Wire client = client(balancer(backend(peer -> {
            requests.add(Message.readRequest(peer));
            peer.write(OK);
        })));
        client.write(upgrade("/v1/files"));
        assertThat(Message.readAnswer(client).status()).isEqualTo(200);
        Message request = requests.poll(Patience.SECONDS, TimeUnit.SECONDS);
        assertThat(request.has("upgrade")).isFalse();
        assertThat(request.has("connection")).isFalse();
    }

    @Test
    void whatAsksForNoWebSocketIsAnswered502ByABackendThatGoesOver() throws Exception {
        Wire client = client(balancer(listening()));
        client.write("GET /v1/realtime?model=m HTTP/1.1\r\nHost: api.test\r\n\r\n");
        assertThat(Message.readAnswer(client).status()).isEqualTo(502);
    }

    @Test
    void aBackendThatDoesNotShowThatItHasReadTheHandshakeIsNotBelieved() throws Exception {
        Wire client = client(balancer(backend(SWITCHED.replaceAll("Sec-WebSocket-Accept.*\r\n\r\n", "\r\n"))));
        client.write(UPGRADE);
        assertThat(Message.readAnswer(client).status()).isEqualTo(502);
    }

    @Test
    void anyOtherAnswerIsAnAnswerAndTheConnectionStays() throws Exception {
        Wire client = client(balancer(backend("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")));
        for (int i = 0; i < 2; i++) {
            client.write(UPGRADE);
            Message answer = Message.readAnswer(client);
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.body()).isEqualTo("no");
        }
    }

    @Test
    void anotherBackendIsTriedUntilOneGoesOver() throws Exception {
        TestBackend busy = backend("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        Wire client = open(balancer(Setup.NONE.backend("a", busy).backend("b", listening())));
        client.write(FRAME);
        client.halfClose();
        assertThat(heard()).isEqualTo(FRAME);
        assertThat(busy.connections()).isEqualTo(1);
    }

    @Test
    void aBackendThatSaysGoodbyeEndsItBehindItsLastWords() throws Exception {
        TestBackend backend = switching(peer -> peer.write(FRAME));
        Wire client = open(balancer(backend));
        assertThat(client.readToEnd()).isEqualTo(new Wire.Rest(FRAME, false));
    }

    @Test
    void lastWordsReachAClientThatIsStillTalking() throws Exception {
        Wire client = open(balancer(switching(peer -> {
            peer.read(FRAME.length());
            peer.write(FRAME);
        })));
        client.write(FRAME);
        assertThat(client.read(FRAME.length())).isEqualTo(FRAME);
        client.write(FRAME);
        assertThat(client.readToEnd()).isEqualTo(new Wire.Rest("", false));
        client.write(FRAME);
        client.close();
    }

    @Test
    void aClientThatHasSaidAllMayHearTheRest() throws Exception {
        Wire client = open(balancer(switching(peer -> {
            String said = peer.readToEnd().text();
            peer.write("heard " + said);
        })));
        client.write(FRAME);
        client.halfClose();
        assertThat(client.readToEnd()).isEqualTo(new Wire.Rest("heard " + FRAME, false));
    }

    @Test
    void aClientThatResetsEndsIt() throws Exception {
        Wire client = open(balancer(listening()));
        client.write(FRAME);
        client.reset();
        assertThat(heard()).isNotNull();
    }

    @Test
    void aBackendThatResetsEndsIt() throws Exception {
        Wire client = open(balancer(switching(Wire::reset)));
        assertThat(client.readToEnd().text()).isEmpty();
    }

    @Test
    void howItEndsIsNotHeldAgainstItsBackend() throws Exception {
        TestBackend backend = switching(Wire::reset);
        TestBalancer balancer = balancer(Setup.NONE.backend("a", backend).backend("b", listening()));
        for (int i = 1; i <= 10; i++) {
            assertThat(open(balancer).readToEnd().text()).isEmpty();
            assertThat(backend.connections()).isEqualTo(i);
        }
    }

    @Test
    void itIsCountedWithWhatHasPassed() throws Exception {
        TestBackend backend =
                switching(peer -> peer.write(peer.read(FRAME.length()).repeat(2)));
        try (RunningBalancer running =
                        new RunningBalancer(directory, RunningBalancer.conf("http://127.0.0.1:" + backend.port()));
                Wire client = Wire.to(running.balancer.port("public"))) {
            client.write(UPGRADE);
            assertThat(Message.readHead(client).status()).isEqualTo(101);
            client.write(FRAME);
            assertThat(client.readToEnd().text()).isEqualTo(FRAME.repeat(2));
            await().untilAsserted(() ->
                    assertThat(running.json("/decisions?last=1").toString()).contains("status=101", "model=m"));
            assertThat(running.metrics())
                    .containsPattern(
                            "crowfly_requests_total\\{backend=\"one\",provider=\"azure\",code=\"1xx\"[^}]*} 1\\.0")
                    .doesNotContainPattern(
                            "crowfly_(request_duration|time_to_first_byte)_seconds_count\\{backend=\"one\"[^}]*} [1-9]");
        }
    }

    @Test
    void itsConnectionIsNeverUsedAgain() throws Exception {
        TestBackend backend = listening();
        TestBalancer balancer = balancer(backend);
        for (int i = 0; i < 2; i++) {
            Wire client = open(balancer);
            client.halfClose();
            assertThat(heard()).isEmpty();
            client.readToEnd();
        }
        assertThat(backend.connections()).isEqualTo(2);
    }

    @Test
    void itMayBeLongerThanABody() throws Exception {
        Wire client = open(balancer(Setup.NONE.backend("a", listening()).and("limits: {body-size: 1KiB}")));
        String said = FRAME.repeat(1000);
        client.write(said);
        client.halfClose();
        assertThat(heard()).isEqualTo(said);
    }

    @Test
    void whereNobodySaysAnythingItEndsAfterTheIdleTimeout() throws Exception {
        Wire client = open(balancer(Setup.NONE.backend("a", listening()).and("timeouts: {idle: 1s}")));
        client.write(FRAME);
        assertThat(client.readToEnd()).isEqualTo(new Wire.Rest("", false));
        assertThat(heard()).isEqualTo(FRAME);
    }

    @Test
    void aDrainLetsItGoOnUntilTheBalancerEnds() throws Exception {
        TestBalancer balancer = balancer(switching(peer -> {
            peer.write("heard " + peer.read(FRAME.length()));
            heard.add(peer.readToEnd().text());
        }));
        Wire client = open(balancer);
        balancer.drain();
        await().untilAsserted(
                        () -> assertThatThrownBy(() -> client(balancer).close()).isInstanceOf(IOException.class));
        client.write(FRAME);
        assertThat(client.read(6 + FRAME.length())).isEqualTo("heard " + FRAME);
        balancer.close();
        assertThat(client.readToEnd().text()).isEmpty();
        assertThat(heard()).isEmpty();
    }

    @Test
    void aSlowClientSlowsItsBackend() throws Exception {
        AtomicLong sent = new AtomicLong();
        Wire client = open(balancer(switching(peer -> flood(peer, sent))));
        assertThat(standstill(sent)).isLessThan(64L << 20);
        client.close();
    }

    @Test
    void aSlowBackendSlowsItsClient() throws Exception {
        AtomicLong sent = new AtomicLong();
        Wire client = open(balancer(switching(peer -> await().until(() -> standstill(sent) > 0))));
        Thread sending = new Thread(() -> {
            try {
                flood(client, sent);
            } catch (Exception e) {
                // The other side has left.
            }
        });
        sending.start();
        assertThat(standstill(sent)).isLessThan(64L << 20);
        client.close();
        sending.join();
    }

    private static void flood(Wire wire, AtomicLong sent) throws Exception {
        byte[] block = new byte[64 << 10];
        while (sent.get() < 256L << 20) {
            wire.write(block);
            sent.addAndGet(block.length);
        }
    }

    @Test
    void bytesPassByReference() throws Exception {
        String said = "0123456789abcdef".repeat(1 << 14);
        Wire client = open(balancer(switching(peer -> peer.write(peer.read(said.length())))));
        CopyCounter counter = CopyCounter.start();
        client.write(said);
        assertThat(client.read(said.length())).isEqualTo(said);
        CopyCounter.stop();
        assertThat(counter.passedBytes()).isEqualTo(2 * said.length());
    }

    @Test
    void itWorksOverTls() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", switching(peer -> {
                    peer.write("heard " + peer.read(FRAME.length()));
                    heard.add(peer.readToEnd().text());
                }))
                .listeners("{name: public, bind: \"127.0.0.1:0\", tls: {certificates: ["
                        + Certificates.write(directory, "one.test", "one.test") + "]}}"));
        Wire client = closing(Wire.over(closing(Certificates.connect(balancer.port(), "one.test"))));
        client.write(UPGRADE);
        assertThat(Message.readHead(client).status()).isEqualTo(101);
        client.write(FRAME);
        assertThat(client.read(6 + FRAME.length())).isEqualTo("heard " + FRAME);
        client.close();
        assertThat(heard()).isEmpty();
    }

    @Test
    void itWorksOverTlsToItsBackend() throws Exception {
        ServerSocket tls = Certificates.context(Certificates.certificate("localhost", Certificates.CA), Certificates.CA)
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        TestBackend backend = closing(TestBackend.on(tls, peer -> {
            Message.readRequest(peer);
            peer.write(SWITCHED + FRAME);
            peer.write("heard " + peer.read(FRAME.length()));
            heard.add(peer.readToEnd().text());
        }));
        Files.writeString(directory.resolve("ca.crt"), Certificates.CA.getCertificatePEM());
        Wire client = open(balancer(Setup.NONE
                .backend("{name: a, provider: openai, url: \"https://localhost:" + backend.port()
                        + "\", tls: {ca: ca.crt}}")
                .probes("{tcp: {}, interval: 1h}")));
        assertThat(client.read(FRAME.length())).isEqualTo(FRAME);
        client.write(FRAME);
        assertThat(client.read(6 + FRAME.length())).isEqualTo("heard " + FRAME);
        client.close();
        assertThat(heard()).isEmpty();
    }
}
