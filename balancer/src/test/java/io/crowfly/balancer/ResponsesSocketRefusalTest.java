package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Frame;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Wire;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What comes of a first message that goes nowhere, or never is one: the client has its WebSocket by then, and is told over it. */
class ResponsesSocketRefusalTest extends ResponsesSocketTestbed {

    private static final int PROTOCOL_ERROR = 1002;
    private static final int UNSUPPORTED_DATA = 1003;
    private static final int MESSAGE_TOO_BIG = 1009;
    private static final int INTERNAL_ERROR = 1011;
    private static final int TRY_AGAIN_LATER = 1013;

    private static void assertCloses(Wire client, int code) throws Exception {
        Frame close = Frame.read(client);
        assertThat(close.first()).isEqualTo(Frame.CLOSE);
        assertThat(close.payload().charAt(0) << 8 | close.payload().charAt(1)).isEqualTo(code);
    }

    private static void assertRefused(Wire client, int status, String code) throws Exception {
        Frame event = Frame.read(client);
        assertThat(event.first()).isEqualTo(Frame.TEXT);
        assertThat(event.payload())
                .startsWith("{\"type\":\"error\",\"status\":" + status + ",\"error\":{")
                .contains("\"code\":\"" + code + "\"");
        assertCloses(client, INTERNAL_ERROR);
        assertThat(client.readToEnd()).isEqualTo(new Wire.Rest("", false));
    }

    @Test
    void aBackendThatDoesNotMeanItIsNotBelieved() throws Exception {
        Wire client = open(balancing(backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
            peer.readToEnd();
        })));
        client.write(Frame.masked(Frame.TEXT, FIRST));
        assertRefused(client, 502, "upstream_failed");
    }

    @Test
    void aRefusalIsToldAsAnEvent() throws Exception {
        String error = "{\n \"error\": {\"message\":\"no\",\"type\":\"t\",\"code\":\"quota\",\"param\":null}\n}";
        Wire client = open(balancing(
                backend("HTTP/1.1 400 Bad Request\r\nContent-Length: " + error.length() + "\r\n\r\n" + error)));
        client.write(Frame.masked(Frame.TEXT, FIRST));
        assertThat(Frame.read(client).payload())
                .isEqualTo(
                        "{\"type\":\"error\",\"status\":400,\n \"error\": {\"message\":\"no\",\"type\":\"t\",\"code\":\"quota\","
                                + "\"param\":null}\n}");
        assertCloses(client, INTERNAL_ERROR);
    }

    @Test
    void anAnswerThatIsNoErrorIsOneHere() throws Exception {
        Wire client = open(balancing(backend(OK)));
        client.write(Frame.masked(Frame.TEXT, FIRST));
        assertRefused(client, 200, "upstream_failed");
    }

    @Test
    void thereIsNoneWhereRulesKeepModelsApart() throws Exception {
        Wire client = client(
                balancer(setup(answering()).and("routing: {rules: [{when: {model: m}, only: {provider: openai}}]}")));
        client.write(UPGRADE);
        Message answer = Message.readAnswer(client);
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.body()).contains("\"code\":\"websocket_not_allowed\"");
    }

    @Test
    void aModelThatNobodyHasIsToldAsAnEvent() throws Exception {
        Wire client = open(balancing(answering()));
        client.write(Frame.masked(Frame.TEXT, FIRST.replace("\"m\"", "\"unknown\"")));
        assertRefused(client, 404, "model_not_found");
    }

    @Test
    void headersCannotHideTheModel() throws Exception {
        Wire client = client(balancing(answering()));
        client.write(UPGRADE.replace("Authorization", "Content-Type: text/plain\r\nAuthorization"));
        assertThat(Message.readHead(client).status()).isEqualTo(101);
        client.write(Frame.masked(Frame.TEXT, FIRST.replace("\"m\"", "\"unknown\"")));
        assertRefused(client, 404, "model_not_found");
    }

    @Test
    void aMessageThatDoesNotComeInTimeIsToldAsAnEvent() throws Exception {
        Wire client = open(balancer(setup(answering()).and("timeouts: {body: 200ms}")));
        assertRefused(client, 408, "request_timeout");
    }

    @Test
    void aClientThatHasSaidNothingByTheBalancersEndIsToldOfThat() throws Exception {
        TestBalancer balancer = balancing(answering());
        Wire client = open(balancer);
        balancer.close();
        assertRefused(client, 503, "shutting_down");
    }

    @Test
    void aMessageThatIsTooLongIsRefused() throws Exception {
        Wire client = open(balancer(setup(answering()).and("limits: {held-size: 64KiB}")));
        client.write(Frame.masked(Frame.TEXT_TO_BE_CONTINUED, " ".repeat(60_000)));
        client.write(Frame.masked(Frame.LAST_CONTINUATION, " ".repeat(6_000)));
        assertCloses(client, MESSAGE_TOO_BIG);
        assertThat(client.readToEnd().text()).isEmpty();
        Wire other = open(balancer(setup(answering()).and("limits: {held-size: 64KiB}")));
        other.write(Frame.masked(Frame.TEXT, " ".repeat(66_000)));
        assertCloses(other, MESSAGE_TOO_BIG);
    }

    @Test
    void aBinaryMessageIsRefused() throws Exception {
        Wire client = open(balancing(answering()));
        client.write(Frame.masked(Frame.BINARY, FIRST));
        assertCloses(client, UNSUPPORTED_DATA);
    }

    @Test
    void anUnmaskedFrameIsRefused() throws Exception {
        Wire client = open(balancing(answering()));
        client.write("\u0081\u0002{}");
        assertCloses(client, PROTOCOL_ERROR);
    }

    @Test
    void aHandshakeThatIsNoneIsABadRequest() throws Exception {
        Wire client = client(balancing(answering()));
        client.write(UPGRADE.replace("Version: 13", "Version: 8"));
        Message answer = Message.readAnswer(client);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("bad_websocket");
    }

    @Test
    void aSecondModelInALaterPieceIsRefused() throws Exception {
        TestBackend backend = answering();
        Wire client = open(balancing(backend));
        client.write(Frame.masked(Frame.TEXT_TO_BE_CONTINUED, "{\"model\":\"m\","));
        client.write(Frame.masked(Frame.LAST_CONTINUATION, "\"model\":\"other\"}"));
        assertRefused(client, 400, "duplicate_key");
        assertThat(backend.connections()).isZero();
    }

    @Test
    void aMessageThatBeganWithItsModelHasNoMoreTimeThanAnyOther() throws Exception {
        Wire client = open(balancer(setup(answering()).and("timeouts: {body: 1s}")));
        client.write(Frame.masked(Frame.TEXT_TO_BE_CONTINUED, FIRST.substring(0, 40)));
        assertRefused(client, 408, "request_timeout");
    }

    @Test
    void aFrameThatIsNotWholeIsHeldOnlyWithinTheMemoryForIt() throws Exception {
        Setup setup = setup(answering()).and("limits: {held-size: 200KiB, held-total: 400KiB}");
        byte[] frame = Frame.masked(Frame.TEXT, FIRST.replace("hi", "x".repeat(160_000)));
        try (RunningBalancer running = new RunningBalancer(directory, setup.yaml())) {
            Wire first = open(Wire.to(running.balancer.port("public")));
            first.write(Arrays.copyOf(frame, frame.length - 1));
            await().until(() -> running.metrics().matches("(?s).*\ncrowfly_held_bytes 3[12]\\d{4}\\.0.*"));
            Wire second = open(Wire.to(running.balancer.port("public")));
            // No more than makes it ask for memory: what is not read any more would make a reset of the close.
            second.write(Arrays.copyOf(frame, 64 * 1024 + 15));
            assertCloses(second, TRY_AGAIN_LATER);
            assertThat(second.readToEnd().text()).isEmpty();
            first.reset();
            await().until(() -> running.metrics().contains("\ncrowfly_held_bytes 0.0"));
            Wire third = open(Wire.to(running.balancer.port("public")));
            third.write(frame);
            assertThat(heard().payload()).hasSize(RENAMED.length() - 2 + 160_000);
        }
    }
}
