package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Certificates;
import io.crowfly.balancer.testbed.CopyCounter;
import io.crowfly.balancer.testbed.Flood;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RunningBalancer;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.TestTimeout;
import io.crowfly.balancer.testbed.Testbed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** WebSockets with the model in the query: an ordinary upgrade, and then bytes that pass unread in both directions. */
class WebSocketTest extends Testbed {

    private static final String UPGRADE = upgrade("/v1/realtime?model=m");

    private static final String SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    /** A complete masked frame, with bytes that would break HTTP parsing. */
    private static final String FRAME = "\u0081\u0085\u0001\u0002\u0003\u0004\r\n\r\n\u0000";

    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

    private static String upgrade(String target, String... fields) {
        String more = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
        return "GET " + target
                + " HTTP/1.1\r\nHost: api.test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" + more + "\r\n";
    }

    private TestBackend switchingBackend(TestBackend.ConnectionScript script) throws Exception {
        return backend(peer -> {
            Message.readRequest(peer);
            peer.write(SWITCHED);
            script.run(peer);
        });
    }

    /** Returns a backend that switches protocols and records all data until the end of input. */
    private TestBackend recordingBackend() throws Exception {
        return switchingBackend(peer -> received.add(peer.readToEnd().text()));
    }

    private String nextReceived() throws InterruptedException {
        return received.poll(TestTimeout.SECONDS, TimeUnit.SECONDS);
    }

    /** Returns a client whose upgrade has succeeded. */
    private RawConnection open(TestBalancer balancer) throws Exception {
        RawConnection client = client(balancer);
        client.write(UPGRADE);
        assertThat(Message.readHead(client).status()).isEqualTo(101);
        return client;
    }

    @AfterEach
    void stopCounting() {
        CopyCounter.stop();
    }

    @Test
    void dataPassesBothWays() throws Exception {
        RawConnection client = open(balancer(switchingBackend(peer -> {
            while (true) {
                peer.write("echo: " + peer.read(FRAME.length()));
            }
        })));
        for (int i = 0; i < 3; i++) {
            client.write(FRAME);
            assertThat(client.read(6 + FRAME.length())).isEqualTo("echo: " + FRAME);
        }
    }

    @Test
    void dataSentWithTheSwitchFollowsTheResponseHead() throws Exception {
        RawConnection client = open(balancer(backend(peer -> {
            Message.readRequest(peer);
            peer.write(SWITCHED + FRAME);
            peer.readToEnd();
        })));
        assertThat(client.read(FRAME.length())).isEqualTo(FRAME);
    }

    @Test
    void theHandshakePassesExceptForModelAndCredential() throws Exception {
        BlockingQueue<Message> requests = new LinkedBlockingQueue<>();
        TestBackend backend = backend(peer -> {
            requests.add(Message.readRequest(peer));
            peer.write(SWITCHED);
            peer.readToEnd();
        });
        RawConnection client = client(balancer(Setup.NONE.backend(
                "a", backend, "provider: azure, models: {m: dep}, credential: {api-key: \"server-key\"}")));
        client.write(upgrade(
                "/v1/realtime?model=m",
                "Authorization: Bearer client-key",
                "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.client-key",
                "Sec-WebSocket-Extensions: permessage-deflate"));
        Message response = Message.readHead(client);
        assertThat(response.status()).isEqualTo(101);
        assertThat(response.header("upgrade")).isEqualTo("websocket");
        assertThat(response.header("connection")).isEqualToIgnoringCase("upgrade");
        assertThat(response.header("sec-websocket-accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        Message request = requests.poll(TestTimeout.SECONDS, TimeUnit.SECONDS);
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
        RawConnection client = client(balancer(backend(peer -> {
            requests.add(Message.readRequest(peer));
            peer.write(OK);
        })));
        client.write(upgrade("/v1/files"));
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        Message request = requests.poll(TestTimeout.SECONDS, TimeUnit.SECONDS);
        assertThat(request.has("upgrade")).isFalse();
        assertThat(request.has("connection")).isFalse();
    }

    @Test
    void anUnrequestedSwitchIsA502() throws Exception {
        RawConnection client = client(balancer(recordingBackend()));
        client.write("GET /v1/realtime?model=m HTTP/1.1\r\nHost: api.test\r\n\r\n");
        assertThat(Message.readResponse(client).status()).isEqualTo(502);
    }

    @Test
    void aSwitchWithoutAcceptHeaderIsA502() throws Exception {
        RawConnection client = client(balancer(backend(SWITCHED.replaceAll("Sec-WebSocket-Accept.*\r\n\r\n", "\r\n"))));
        client.write(UPGRADE);
        assertThat(Message.readResponse(client).status()).isEqualTo(502);
    }

    @Test
    void anOrdinaryResponseIsPassedAndTheConnectionStays() throws Exception {
        RawConnection client = client(balancer(backend("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")));
        for (int i = 0; i < 2; i++) {
            client.write(UPGRADE);
            Message response = Message.readResponse(client);
            assertThat(response.status()).isEqualTo(403);
            assertThat(response.body()).isEqualTo("no");
        }
    }

    @Test
    void backendsAreTriedUntilOneSwitchesProtocols() throws Exception {
        TestBackend busy = backend("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        RawConnection client = open(balancer(Setup.NONE.backend("a", busy).backend("b", recordingBackend())));
        client.write(FRAME);
        client.halfClose();
        assertThat(nextReceived()).isEqualTo(FRAME);
        assertThat(busy.connections()).isEqualTo(1);
    }

    @Test
    void theCloseOfTheBackendFollowsItsLastData() throws Exception {
        TestBackend backend = switchingBackend(peer -> peer.write(FRAME));
        RawConnection client = open(balancer(backend));
        assertThat(client.readToEnd()).isEqualTo(new RawConnection.Rest(FRAME, false));
    }

    @Test
    void theLastDataReachesAClientThatIsStillSending() throws Exception {
        RawConnection client = open(balancer(switchingBackend(peer -> {
            peer.read(FRAME.length());
            peer.write(FRAME);
        })));
        client.write(FRAME);
        assertThat(client.read(FRAME.length())).isEqualTo(FRAME);
        client.write(FRAME);
        assertThat(client.readToEnd()).isEqualTo(new RawConnection.Rest("", false));
        client.write(FRAME);
        client.close();
    }

    @Test
    void aClientThatHalfClosesStillReceives() throws Exception {
        RawConnection client = open(balancer(switchingBackend(peer -> {
            String data = peer.readToEnd().text();
            peer.write("echo: " + data);
        })));
        client.write(FRAME);
        client.halfClose();
        assertThat(client.readToEnd()).isEqualTo(new RawConnection.Rest("echo: " + FRAME, false));
    }

    @Test
    void aClientResetEndsTheTunnel() throws Exception {
        RawConnection client = open(balancer(recordingBackend()));
        client.write(FRAME);
        client.reset();
        assertThat(nextReceived()).isNotNull();
    }

    @Test
    void aBackendResetEndsTheTunnel() throws Exception {
        RawConnection client = open(balancer(switchingBackend(RawConnection::reset)));
        assertThat(client.readToEnd().text()).isEmpty();
    }

    @Test
    void theWayATunnelEndsIsNoFailureOfItsBackend() throws Exception {
        TestBackend backend = switchingBackend(RawConnection::reset);
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", backend)
                .backend("b", recordingBackend())
                .withLines("routing: {exploration: 0%}"));
        for (int i = 1; i <= 10; i++) {
            assertThat(open(balancer).readToEnd().text()).isEmpty();
            assertThat(backend.connections()).isEqualTo(i);
        }
    }

    @Test
    void aTunnelIsCountedWithItsBytes() throws Exception {
        TestBackend backend =
                switchingBackend(peer -> peer.write(peer.read(FRAME.length()).repeat(2)));
        try (RunningBalancer running =
                        new RunningBalancer(directory, RunningBalancer.conf("http://127.0.0.1:" + backend.port()));
                RawConnection client = RawConnection.connect(running.balancer.port("public"))) {
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
    void theUpstreamConnectionIsNeverReused() throws Exception {
        TestBackend backend = recordingBackend();
        TestBalancer balancer = balancer(backend);
        for (int i = 0; i < 2; i++) {
            RawConnection client = open(balancer);
            client.halfClose();
            assertThat(nextReceived()).isEmpty();
            client.readToEnd();
        }
        assertThat(backend.connections()).isEqualTo(2);
    }

    @Test
    void aTunnelMayCarryMoreThanTheBodyLimit() throws Exception {
        RawConnection client =
                open(balancer(Setup.NONE.backend("a", recordingBackend()).withLines("limits: {body-size: 1KiB}")));
        String data = FRAME.repeat(1000);
        client.write(data);
        client.halfClose();
        assertThat(nextReceived()).isEqualTo(data);
    }

    @Test
    void aSilentTunnelEndsAfterTheIdleTimeout() throws Exception {
        RawConnection client =
                open(balancer(Setup.NONE.backend("a", recordingBackend()).withLines("timeouts: {idle: 500ms}")));
        client.write(FRAME);
        assertThat(client.readToEnd()).isEqualTo(new RawConnection.Rest("", false));
        assertThat(nextReceived()).isEqualTo(FRAME);
    }

    @Test
    void aTunnelContinuesDuringADrainUntilTheBalancerCloses() throws Exception {
        TestBalancer balancer = balancer(switchingBackend(peer -> {
            peer.write("echo: " + peer.read(FRAME.length()));
            received.add(peer.readToEnd().text());
        }));
        RawConnection client = open(balancer);
        balancer.drain();
        await().untilAsserted(
                        () -> assertThatThrownBy(() -> client(balancer).close()).isInstanceOf(IOException.class));
        client.write(FRAME);
        assertThat(client.read(6 + FRAME.length())).isEqualTo("echo: " + FRAME);
        balancer.close();
        assertThat(client.readToEnd().text()).isEmpty();
        assertThat(nextReceived()).isEmpty();
    }

    @Test
    void aSlowClientSlowsItsBackend() throws Exception {
        Flood flood = new Flood(256L << 20);
        RawConnection client = open(balancer(switchingBackend(flood::writeTo)));
        assertThat(standstill(flood.written())).isLessThan(128L << 20);
        client.close();
    }

    @Test
    void aSlowBackendSlowsItsClient() throws Exception {
        Flood flood = new Flood(256L << 20);
        CountDownLatch measured = new CountDownLatch(1);
        RawConnection client = open(balancer(switchingBackend(peer -> measured.await())));
        Thread sending = flood.startTo(client);
        assertThat(standstill(flood.written())).isLessThan(128L << 20);
        measured.countDown();
        client.close();
        sending.join();
    }

    @Test
    void bytesPassByReference() throws Exception {
        String data = "0123456789abcdef".repeat(1 << 14);
        RawConnection client = open(balancer(switchingBackend(peer -> peer.write(peer.read(data.length())))));
        CopyCounter counter = CopyCounter.start();
        client.write(data);
        assertThat(client.read(data.length())).isEqualTo(data);
        CopyCounter.stop();
        assertThat(counter.bytesPassedByReference()).isEqualTo(2 * data.length());
    }

    @Test
    void worksOverTlsFromTheClient() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", switchingBackend(peer -> {
                    peer.write("echo: " + peer.read(FRAME.length()));
                    received.add(peer.readToEnd().text());
                }))
                .listeners("{name: public, bind: \"127.0.0.1:0\", tls: {certificates: ["
                        + Certificates.write(directory, "one.test", "one.test") + "]}}"));
        RawConnection client = closing(RawConnection.wrap(closing(Certificates.connect(balancer.port(), "one.test"))));
        client.write(UPGRADE);
        assertThat(Message.readHead(client).status()).isEqualTo(101);
        client.write(FRAME);
        assertThat(client.read(6 + FRAME.length())).isEqualTo("echo: " + FRAME);
        client.close();
        assertThat(nextReceived()).isEmpty();
    }

    @Test
    void worksOverTlsToTheBackend() throws Exception {
        ServerSocket tls = Certificates.context(Certificates.certificate("localhost", Certificates.CA), Certificates.CA)
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        TestBackend backend = closing(TestBackend.on(tls, peer -> {
            Message.readRequest(peer);
            peer.write(SWITCHED + FRAME);
            peer.write("echo: " + peer.read(FRAME.length()));
            received.add(peer.readToEnd().text());
        }));
        Files.writeString(directory.resolve("ca.crt"), Certificates.CA.getCertificatePEM());
        RawConnection client = open(balancer(Setup.NONE
                .backend("{name: a, provider: openai, url: \"https://localhost:" + backend.port()
                        + "\", tls: {ca: ca.crt}}")
                .probes("{tcp: {}, interval: 1h}")));
        assertThat(client.read(FRAME.length())).isEqualTo(FRAME);
        client.write(FRAME);
        assertThat(client.read(6 + FRAME.length())).isEqualTo("echo: " + FRAME);
        client.close();
        assertThat(nextReceived()).isEmpty();
    }
}
