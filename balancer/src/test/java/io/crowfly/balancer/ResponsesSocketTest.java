package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Frame;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.Patience;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.Wire;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The Responses API over a WebSocket: the model is named in the first message, so the client gets its WebSocket before that. */
class ResponsesSocketTest extends ResponsesSocketTestbed {

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
}
