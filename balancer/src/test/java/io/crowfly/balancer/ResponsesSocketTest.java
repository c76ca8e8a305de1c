package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Frame;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.Patience;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.Wire;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The Responses API over a WebSocket: the model is named in the first message, so the client gets its WebSocket before that. */
class ResponsesSocketTest extends Testbed {

    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    private static final String UPGRADE = "GET /v1/responses HTTP/1.1\r\nHost: api.test\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Key: " + KEY + "\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Extensions: permessage-deflate\r\nAuthorization: Bearer client-key\r\n\r\n";

    private static final String FIRST = "{\"type\":\"response.create\",\"model\":\"m\",\"input\":\"hi\"}";
    private static final String RENAMED =
            "{\"type\":\"response.create\",\"model\":\"the-deployment\",\"input\":\"hi\"}";
    private static final String EVENT = "{\"type\":\"response.created\"}";

    private static final String SAID = "\u0081" + (char) EVENT.length() + EVENT;

    private static final int PROTOCOL_ERROR = 1002;
    private static final int UNSUPPORTED_DATA = 1003;
    private static final int MESSAGE_TOO_BIG = 1009;
    private static final int INTERNAL_ERROR = 1011;
    private static final int TRY_AGAIN_LATER = 1013;

    private final BlockingQueue<Message> requests = new LinkedBlockingQueue<>();
    private final BlockingQueue<Frame> heard = new LinkedBlockingQueue<>();

    /** Goes over, and answers each message with an event. */
    private TestBackend answering() throws Exception {
        return goingOver(this::answerAll);
    }

    private void answerAll(Wire peer) throws Exception {
        while (true) {
            heard.add(Frame.read(peer));
            peer.write(SAID);
        }
    }

    private TestBackend goingOver(TestBackend.Script then) throws Exception {
        return backend(peer -> {
            Message request = Message.readRequest(peer);
            requests.add(request);
            peer.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: " + Frame.accept(request.header("sec-websocket-key")) + "\r\n\r\n");
            then.play(peer);
        });
    }

    private Frame heard() throws InterruptedException {
        Frame frame = heard.poll(Patience.SECONDS, TimeUnit.SECONDS);
        assertThat(frame).isNotNull();
        return frame;
    }

    /** Backends that know the model {@code m} by another name. */
    private TestBalancer balancing(TestBackend... backends) throws Exception {
        return balancer(setup(backends));
    }

    private static Setup setup(TestBackend... backends) {
        Setup setup = Setup.NONE;
        for (TestBackend backend : backends) {
            setup = setup.backend(
                    "b" + backend.port(),
                    backend,
                    "provider: openai, models: {m: the-deployment}, credential: {bearer: ours}");
        }
        return setup;
    }

    private Wire open(TestBalancer balancer) throws Exception {
        return open(client(balancer));
    }

    private Wire open(Wire client) throws Exception {
        closing(client).write(UPGRADE);
        Message answer = Message.readHead(client);
        assertThat(answer.status()).isEqualTo(101);
        assertThat(answer.header("sec-websocket-accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assertThat(answer.has("sec-websocket-extensions")).isFalse();
        return client;
    }

    private static void assertHears(Wire client, int first, String payload) throws Exception {
        assertThat(Frame.read(client)).isEqualTo(new Frame(first, false, payload));
    }

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
    void theFirstMessageGoesWhereItsModelIsUnderTheNameItHasThere() throws Exception {
        TestBackend other = backend(OK);
        Wire client = open(balancer(setup(answering()).backend("other", other, "provider: openai, models: {n: n}")));
        client.write(Frame.masked(Frame.TEXT, FIRST));
        assertThat(heard()).isEqualTo(new Frame(Frame.TEXT, true, RENAMED));
        assertHears(client, Frame.TEXT, EVENT);
        assertThat(other.connections()).isZero();
    }

    @Test
    void aMessageThatGoesOnFromAResponseGoesWhereThatIsKept() throws Exception {
        TestBackend home = backend(peer -> {
            String made = "{\"id\":\"resp_1\",\"object\":\"response\"}";
            Message request = Message.readRequest(peer);
            if (request.startLine().startsWith("POST ")) {
                peer.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
                        + made.length() + "\r\n\r\n" + made);
            } else {
                requests.add(request);
            }
        });
        TestBalancer balancer =
                balancer(setup(answering()).backend("home", home, "provider: openai, models: {m: m, only-here: x}"));
        Wire maker = client(balancer);
        String body = FIRST.replace("\"m\"", "\"only-here\"");
        maker.write("POST /v1/responses HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        assertThat(Message.readAnswer(maker).status()).isEqualTo(200);
        Wire client = open(balancer);
        client.write(Frame.masked(Frame.TEXT, FIRST.replace("}", ",\"previous_response_id\":\"resp_1\"}")));
        assertThat(requests.poll(Patience.SECONDS, TimeUnit.SECONDS)).isNotNull();
        assertThat(heard).isEmpty();
    }

    @Test
    void theHandshakeWithTheBackendIsAnother() throws Exception {
        Wire client = open(balancing(answering()));
        client.write(Frame.masked(Frame.TEXT, FIRST));
        heard();
        Message request = requests.remove();
        assertThat(request.startLine()).isEqualTo("GET /v1/responses HTTP/1.1");
        assertThat(request.header("upgrade")).isEqualTo("websocket");
        assertThat(request.header("connection")).isEqualToIgnoringCase("upgrade");
        assertThat(request.header("sec-websocket-version")).isEqualTo("13");
        assertThat(request.header("sec-websocket-key")).isNotEqualTo(KEY).hasSize(KEY.length());
        assertThat(request.header("authorization")).isEqualTo("Bearer ours");
        assertThat(request.has("sec-websocket-extensions")).isFalse();
        assertThat(request.has("transfer-encoding")).isFalse();
        assertThat(request.has("content-length")).isFalse();
    }

    @Test
    void whatComesBehindIsNotRead() throws Exception {
        Wire client = open(balancing(answering()));
        client.write(Frame.masked(Frame.TEXT, FIRST));
        heard();
        assertHears(client, Frame.TEXT, EVENT);
        client.write(Frame.masked(Frame.TEXT, FIRST));
        assertThat(heard()).isEqualTo(new Frame(Frame.TEXT, true, FIRST));
        assertHears(client, Frame.TEXT, EVENT);
    }

    @Test
    void whatComesAtOnceBehindTheFirstMessageFollowsIt() throws Exception {
        Wire client = open(balancing(answering()));
        byte[] first = Frame.masked(Frame.TEXT, FIRST);
        byte[] second = Frame.masked(Frame.BINARY, "more");
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        client.write(both);
        assertThat(heard().payload()).isEqualTo(RENAMED);
        assertThat(heard()).isEqualTo(new Frame(Frame.BINARY, true, "more"));
    }

    @Test
    void aMessageInPiecesIsPutTogetherAndAPingBetweenThemIsAnswered() throws Exception {
        Wire client = open(balancing(answering(), backend(OK)));
        client.write(Frame.masked(Frame.TEXT_TO_BE_CONTINUED, FIRST.substring(0, 10)));
        client.write(Frame.masked(Frame.PING, "there?"));
        assertHears(client, Frame.PONG, "there?");
        client.write(Frame.masked(Frame.CONTINUATION, FIRST.substring(10, 33)));
        client.write(Frame.masked(Frame.LAST_CONTINUATION, FIRST.substring(33)));
        assertThat(heard()).isEqualTo(new Frame(Frame.TEXT, true, RENAMED));
    }

    @Test
    void aLongMessageMayArriveAByteAtATime() throws Exception {
        String input = "x".repeat(70_000);
        Wire client = open(balancing(answering()));
        byte[] frame = Frame.masked(Frame.TEXT, FIRST.replace("hi", input));
        for (int i = 0; i < 200; i++) {
            client.write(new byte[] {frame[i]});
        }
        client.write(Arrays.copyOfRange(frame, 200, frame.length));
        assertThat(heard().payload()).isEqualTo(RENAMED.replace("hi", input));
    }

    @Test
    void theBackendIsOnlyChosenWhenTheMessageIsThere() throws Exception {
        TestBackend backend = answering();
        Wire client = open(balancing(backend));
        client.write(Frame.masked(Frame.TEXT_TO_BE_CONTINUED, "{"));
        client.write(Frame.masked(Frame.PING, ""));
        assertHears(client, Frame.PONG, "");
        assertThat(backend.connections()).isZero();
    }

    @Test
    void anotherBackendIsTriedUntilOneGoesOver() throws Exception {
        TestBackend busy = backend("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        Wire client = open(balancing(busy, answering()));
        client.write(Frame.masked(Frame.TEXT, FIRST));
        assertThat(heard().payload()).isEqualTo(RENAMED);
        assertHears(client, Frame.TEXT, EVENT);
        assertThat(busy.connections()).isEqualTo(1);
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
    void aHandshakeThatHangsIsHeldAgainstItsBackend() throws Exception {
        TestBackend silent = backend(peer -> {
            Message.readRequest(peer);
            peer.readToEnd();
        });
        TestBalancer balancer = balancer(setup(silent, answering()).and("timeouts: {first-byte: 300ms}"));
        await().until(() -> {
            Wire client = open(balancer);
            client.write(Frame.masked(Frame.TEXT, FIRST));
            return Frame.read(client).payload().equals(EVENT);
        });
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
    void aClientThatClosesFirstIsAnsweredAndNobodyElseIsTold() throws Exception {
        TestBackend backend = answering();
        Wire client = open(balancing(backend));
        client.write(Frame.masked(Frame.CLOSE, "\u0003\u00e8"));
        assertHears(client, Frame.CLOSE, "\u0003\u00e8");
        assertThat(client.readToEnd()).isEqualTo(new Wire.Rest("", false));
        assertThat(backend.connections()).isZero();
    }

    @Test
    void theHandshakeMayFollowAnotherRequest() throws Exception {
        Wire client =
                client(balancer(setup(answering()).backend("plain", backend(OK), "provider: openai, models: {n: n}")));
        String body = "{\"model\":\"n\"}";
        client.write("POST /v1/embeddings HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length() + "\r\n\r\n" + body
                + UPGRADE);
        assertThat(Message.readAnswer(client).status()).isEqualTo(200);
        assertThat(Message.readHead(client).status()).isEqualTo(101);
        client.write(Frame.masked(Frame.TEXT, FIRST));
        assertThat(heard().payload()).isEqualTo(RENAMED);
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
    void aClientThatLeavesBeforeABackendHasGoneOverCancelsIt() throws Exception {
        BlockingQueue<String> ended = new LinkedBlockingQueue<>();
        Wire client = open(balancing(backend(peer -> {
            requests.add(Message.readRequest(peer));
            ended.add(peer.readToEnd().text());
        })));
        client.write(Frame.masked(Frame.TEXT, FIRST));
        assertThat(requests.poll(Patience.SECONDS, TimeUnit.SECONDS)).isNotNull();
        client.write(Frame.masked(Frame.TEXT, "early"));
        client.reset();
        assertThat(ended.poll(Patience.SECONDS, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void evenWhereThereIsNoChoiceNoBackendIsAskedBeforeTheMessageIsThere() throws Exception {
        TestBackend backend = answering();
        Wire client = open(balancer(backend));
        client.write(Frame.masked(Frame.TEXT_TO_BE_CONTINUED, FIRST.substring(0, 40)));
        client.write(Frame.masked(Frame.PING, "there?"));
        assertHears(client, Frame.PONG, "there?");
        assertThat(backend.connections()).isZero();
        client.write(Frame.masked(Frame.LAST_CONTINUATION, FIRST.substring(40)));
        assertThat(heard().payload()).isEqualTo(FIRST);
        assertHears(client, Frame.TEXT, EVENT);
        client.write(Frame.masked(Frame.TEXT, "more"));
        assertThat(heard()).isEqualTo(new Frame(Frame.TEXT, true, "more"));
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
    void aClientThatReadsNoPongsGetsNoMoreOfThem() throws Exception {
        Wire client = open(balancing(answering()));
        byte[] ping = Frame.masked(Frame.PING, "?".repeat(125));
        ByteArrayOutputStream some = new ByteArrayOutputStream();
        for (int i = 0; i < 1000; i++) {
            some.write(ping);
        }
        // Ten MB: more than kernels keep for a connection that nobody reads.
        for (int i = 0; i < 80; i++) {
            client.write(some.toByteArray());
        }
        client.write(Frame.masked(Frame.TEXT, FIRST));
        assertThat(heard().payload()).isEqualTo(RENAMED);
        int pongs = 0;
        Frame frame = Frame.read(client);
        for (; frame.first() == Frame.PONG; frame = Frame.read(client)) {
            pongs++;
        }
        assertThat(frame.payload()).isEqualTo(EVENT);
        assertThat(pongs).isBetween(1, 80 * 1000 - 1);
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
