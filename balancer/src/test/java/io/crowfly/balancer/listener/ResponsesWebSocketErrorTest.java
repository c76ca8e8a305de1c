package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RawWebSocketFrame;
import io.crowfly.balancer.testbed.RunningBalancer;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * First messages that are invalid or cannot be forwarded. The client has its WebSocket by then, so the error is sent
 * over it.
 */
class ResponsesWebSocketErrorTest extends ResponsesWebSocketTestbed {

    private static final int PROTOCOL_ERROR = 1002;
    private static final int UNSUPPORTED_DATA = 1003;
    private static final int MESSAGE_TOO_BIG = 1009;
    private static final int INTERNAL_ERROR = 1011;
    private static final int TRY_AGAIN_LATER = 1013;

    private static void assertCloses(RawConnection client, int code) throws Exception {
        RawWebSocketFrame close = RawWebSocketFrame.read(client);
        assertThat(close.firstByte()).isEqualTo(RawWebSocketFrame.CLOSE);
        assertThat(close.payload().charAt(0) << 8 | close.payload().charAt(1)).isEqualTo(code);
    }

    private static void assertRefused(RawConnection client, int status, String code) throws Exception {
        RawWebSocketFrame event = RawWebSocketFrame.read(client);
        assertThat(event.firstByte()).isEqualTo(RawWebSocketFrame.TEXT);
        assertThat(event.payload())
                .startsWith("{\"type\":\"error\",\"status\":" + status + ",\"error\":{")
                .contains("\"code\":\"" + code + "\"");
        assertCloses(client, INTERNAL_ERROR);
        assertThat(client.readToEnd()).isEqualTo(new RawConnection.Rest("", false));
    }

    @Test
    void aWrongAcceptValueIsRefused() throws Exception {
        RawConnection client = open(balancerFor(backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
            peer.readToEnd();
        })));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST));
        assertRefused(client, 502, "upstream_failed");
    }

    @Test
    void anErrorResponseBecomesAnErrorEvent() throws Exception {
        String error = "{\n \"error\": {\"message\":\"no\",\"type\":\"t\",\"code\":\"quota\",\"param\":null}\n}";
        RawConnection client = open(balancerFor(
                backend("HTTP/1.1 400 Bad Request\r\nContent-Length: " + error.length() + "\r\n\r\n" + error)));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST));
        assertThat(RawWebSocketFrame.read(client).payload())
                .isEqualTo(
                        "{\"type\":\"error\",\"status\":400,\n \"error\": {\"message\":\"no\",\"type\":\"t\",\"code\":\"quota\","
                                + "\"param\":null}\n}");
        assertCloses(client, INTERNAL_ERROR);
    }

    @Test
    void anOrdinaryResponseBecomesAnErrorEvent() throws Exception {
        RawConnection client = open(balancerFor(backend(OK)));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST));
        assertRefused(client, 200, "upstream_failed");
    }

    @Test
    void aWebSocketIsRefusedWhereRulesDependOnTheModel() throws Exception {
        RawConnection client = client(balancer(setup(respondingBackend())
                .withLines("routing: {rules: [{when: {model: m}, only: {provider: openai}}]}")));
        client.write(UPGRADE);
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(403);
        assertThat(response.body()).contains("\"code\":\"websocket_not_allowed\"");
    }

    @Test
    void anUnknownModelBecomesAnErrorEvent() throws Exception {
        RawConnection client = open(balancerFor(respondingBackend()));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST.replace("\"m\"", "\"unknown\"")));
        assertRefused(client, 404, "model_not_found");
    }

    @Test
    void headersCannotHideTheModel() throws Exception {
        RawConnection client = client(balancerFor(respondingBackend()));
        client.write(UPGRADE.replace("Authorization", "Content-Type: text/plain\r\nAuthorization"));
        assertThat(Message.readHead(client).status()).isEqualTo(101);
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST.replace("\"m\"", "\"unknown\"")));
        assertRefused(client, 404, "model_not_found");
    }

    @Test
    void aFirstMessageThatIsLateBecomesAnErrorEvent() throws Exception {
        RawConnection client = open(balancer(setup(respondingBackend()).withLines("timeouts: {body: 200ms}")));
        assertRefused(client, 408, "request_timeout");
    }

    @Test
    void aSilentClientGetsAnErrorEventAtShutdown() throws Exception {
        TestBalancer balancer = balancerFor(respondingBackend());
        RawConnection client = open(balancer);
        balancer.close();
        assertRefused(client, 503, "shutting_down");
    }

    @Test
    void aMessageThatIsTooLongIsRefused() throws Exception {
        RawConnection client = open(balancer(setup(respondingBackend()).withLines("limits: {held-size: 64KiB}")));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT_TO_BE_CONTINUED, " ".repeat(60_000)));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.LAST_CONTINUATION, " ".repeat(6_000)));
        assertCloses(client, MESSAGE_TOO_BIG);
        assertThat(client.readToEnd().text()).isEmpty();
        RawConnection other = open(balancer(setup(respondingBackend()).withLines("limits: {held-size: 64KiB}")));
        other.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, " ".repeat(66_000)));
        assertCloses(other, MESSAGE_TOO_BIG);
    }

    @Test
    void aBinaryMessageIsRefused() throws Exception {
        RawConnection client = open(balancerFor(respondingBackend()));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.BINARY, FIRST));
        assertCloses(client, UNSUPPORTED_DATA);
    }

    @Test
    void anUnmaskedFrameIsRefused() throws Exception {
        RawConnection client = open(balancerFor(respondingBackend()));
        client.write("\u0081\u0002{}");
        assertCloses(client, PROTOCOL_ERROR);
    }

    @Test
    void anInvalidHandshakeIsABadRequest() throws Exception {
        RawConnection client = client(balancerFor(respondingBackend()));
        client.write(UPGRADE.replace("Version: 13", "Version: 8"));
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).contains("bad_websocket");
    }

    @Test
    void aSecondModelInALaterPieceIsRefused() throws Exception {
        TestBackend backend = respondingBackend();
        RawConnection client = open(balancerFor(backend));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT_TO_BE_CONTINUED, "{\"model\":\"m\","));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.LAST_CONTINUATION, "\"model\":\"other\"}"));
        assertRefused(client, 400, "duplicate_key");
        assertThat(backend.connections()).isZero();
    }

    @Test
    void anIncompleteMessageWithAModelTimesOutAsWell() throws Exception {
        RawConnection client = open(balancer(setup(respondingBackend()).withLines("timeouts: {body: 1s}")));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT_TO_BE_CONTINUED, FIRST.substring(0, 40)));
        assertRefused(client, 408, "request_timeout");
    }

    @Test
    void anIncompleteFrameIsHeldOnlyWithinTheMemoryLimit() throws Exception {
        Setup setup = setup(respondingBackend()).withLines("limits: {held-size: 200KiB, held-total: 400KiB}");
        byte[] frame = RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST.replace("hi", "x".repeat(160_000)));
        try (RunningBalancer running = new RunningBalancer(directory, setup.yaml())) {
            RawConnection first = open(RawConnection.connect(running.balancer.port("public")));
            first.write(Arrays.copyOf(frame, frame.length - 1));
            await().until(() -> running.metrics().matches("(?s).*\ncrowfly_held_bytes 3[12]\\d{4}\\.0.*"));
            RawConnection second = open(RawConnection.connect(running.balancer.port("public")));
            // Just enough to need a check of the memory limit. Unread bytes would turn the close into a reset.
            second.write(Arrays.copyOf(frame, 64 * 1024 + 15));
            assertCloses(second, TRY_AGAIN_LATER);
            assertThat(second.readToEnd().text()).isEmpty();
            first.reset();
            await().until(() -> running.metrics().contains("\ncrowfly_held_bytes 0.0"));
            RawConnection third = open(RawConnection.connect(running.balancer.port("public")));
            third.write(frame);
            assertThat(nextFrame().payload()).hasSize(RENAMED.length() - 2 + 160_000);
        }
    }
}
