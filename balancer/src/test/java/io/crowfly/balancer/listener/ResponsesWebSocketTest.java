package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RawWebSocketFrame;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestTimeout;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * The Responses API over a WebSocket. The model is in the first message, so the WebSocket of the client is accepted
 * before that.
 */
class ResponsesWebSocketTest extends ResponsesWebSocketTestbed {

    @Test
    void theFirstMessageIsSentToABackendWithItsModelUnderTheDeploymentName() throws Exception {
        TestBackend other = backend(OK);
        RawConnection client =
                open(balancer(setup(respondingBackend()).backend("other", other, "provider: openai, models: {n: n}")));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST));
        assertThat(nextFrame()).isEqualTo(new RawWebSocketFrame(RawWebSocketFrame.TEXT, true, RENAMED));
        assertReceives(client, RawWebSocketFrame.TEXT, EVENT);
        assertThat(other.connections()).isZero();
    }

    @Test
    void aMessageThatContinuesAResponseIsSentToItsOwner() throws Exception {
        TestBackend owner = backend(peer -> {
            String responseBody = "{\"id\":\"resp_1\",\"object\":\"response\"}";
            Message request = Message.readRequest(peer);
            if (request.startLine().startsWith("POST ")) {
                peer.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
                        + responseBody.length() + "\r\n\r\n" + responseBody);
            } else {
                requests.add(request);
            }
        });
        TestBalancer balancer = balancer(
                setup(respondingBackend()).backend("owner", owner, "provider: openai, models: {m: m, only-here: x}"));
        RawConnection creator = client(balancer);
        String body = FIRST.replace("\"m\"", "\"only-here\"");
        creator.write("POST /v1/responses HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        assertThat(Message.readResponse(creator).status()).isEqualTo(200);
        RawConnection client = open(balancer);
        client.write(RawWebSocketFrame.masked(
                RawWebSocketFrame.TEXT, FIRST.replace("}", ",\"previous_response_id\":\"resp_1\"}")));
        assertThat(requests.poll(TestTimeout.SECONDS, TimeUnit.SECONDS)).isNotNull();
        assertThat(receivedFrames).isEmpty();
    }

    @Test
    void theHandshakeWithTheBackendIsSeparate() throws Exception {
        RawConnection client = open(balancerFor(respondingBackend()));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST));
        nextFrame();
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
    void laterMessagesPassUnread() throws Exception {
        RawConnection client = open(balancerFor(respondingBackend()));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST));
        nextFrame();
        assertReceives(client, RawWebSocketFrame.TEXT, EVENT);
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST));
        assertThat(nextFrame()).isEqualTo(new RawWebSocketFrame(RawWebSocketFrame.TEXT, true, FIRST));
        assertReceives(client, RawWebSocketFrame.TEXT, EVENT);
    }

    @Test
    void dataSentRightAfterTheFirstMessageFollowsIt() throws Exception {
        RawConnection client = open(balancerFor(respondingBackend()));
        byte[] first = RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST);
        byte[] second = RawWebSocketFrame.masked(RawWebSocketFrame.BINARY, "more");
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        client.write(both);
        assertThat(nextFrame().payload()).isEqualTo(RENAMED);
        assertThat(nextFrame()).isEqualTo(new RawWebSocketFrame(RawWebSocketFrame.BINARY, true, "more"));
    }

    @Test
    void aFragmentedMessageIsAssembledAndAPingBetweenItsFragmentsGetsAPong() throws Exception {
        RawConnection client = open(balancerFor(respondingBackend(), backend(OK)));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT_TO_BE_CONTINUED, FIRST.substring(0, 10)));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.PING, "there?"));
        assertReceives(client, RawWebSocketFrame.PONG, "there?");
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.CONTINUATION, FIRST.substring(10, 33)));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.LAST_CONTINUATION, FIRST.substring(33)));
        assertThat(nextFrame()).isEqualTo(new RawWebSocketFrame(RawWebSocketFrame.TEXT, true, RENAMED));
    }

    @Test
    void aLongMessageMayArriveAByteAtATime() throws Exception {
        String input = "x".repeat(70_000);
        RawConnection client = open(balancerFor(respondingBackend()));
        byte[] frame = RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST.replace("hi", input));
        for (int i = 0; i < 200; i++) {
            client.write(new byte[] {frame[i]});
        }
        client.write(Arrays.copyOfRange(frame, 200, frame.length));
        assertThat(nextFrame().payload()).isEqualTo(RENAMED.replace("hi", input));
    }

    @Test
    void theBackendIsChosenOnlyOnceTheMessageIsComplete() throws Exception {
        TestBackend backend = respondingBackend();
        RawConnection client = open(balancerFor(backend));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT_TO_BE_CONTINUED, "{"));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.PING, ""));
        assertReceives(client, RawWebSocketFrame.PONG, "");
        assertThat(backend.connections()).isZero();
    }

    @Test
    void backendsAreTriedUntilOneSwitchesProtocols() throws Exception {
        TestBackend busy = backend("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        RawConnection client = open(balancerFor(busy, respondingBackend()));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST));
        assertThat(nextFrame().payload()).isEqualTo(RENAMED);
        assertReceives(client, RawWebSocketFrame.TEXT, EVENT);
        assertThat(busy.connections()).isEqualTo(1);
    }

    @Test
    void aHandshakeThatHangsCountsAsAFailureOfItsBackend() throws Exception {
        TestBackend silent = backend(peer -> {
            Message.readRequest(peer);
            peer.readToEnd();
        });
        TestBalancer balancer = balancer(setup(silent, respondingBackend()).withLines("timeouts: {first-byte: 300ms}"));
        await().until(() -> {
            RawConnection client = open(balancer);
            client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST));
            return RawWebSocketFrame.read(client).payload().equals(EVENT);
        });
    }

    @Test
    void aClientThatClosesFirstGetsACloseFrameAndNoBackendIsContacted() throws Exception {
        TestBackend backend = respondingBackend();
        RawConnection client = open(balancerFor(backend));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.CLOSE, "\u0003\u00e8"));
        assertReceives(client, RawWebSocketFrame.CLOSE, "\u0003\u00e8");
        assertThat(client.readToEnd()).isEqualTo(new RawConnection.Rest("", false));
        assertThat(backend.connections()).isZero();
    }

    @Test
    void theHandshakeMayFollowAnotherRequest() throws Exception {
        RawConnection client = client(
                balancer(setup(respondingBackend()).backend("plain", backend(OK), "provider: openai, models: {n: n}")));
        String body = "{\"model\":\"n\"}";
        client.write("POST /v1/embeddings HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length() + "\r\n\r\n" + body
                + UPGRADE);
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        assertThat(Message.readHead(client).status()).isEqualTo(101);
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST));
        assertThat(nextFrame().payload()).isEqualTo(RENAMED);
    }

    @Test
    void aClientThatDisconnectsBeforeTheSwitchCancelsTheHandshake() throws Exception {
        BlockingQueue<String> ended = new LinkedBlockingQueue<>();
        RawConnection client = open(balancerFor(backend(peer -> {
            requests.add(Message.readRequest(peer));
            ended.add(peer.readToEnd().text());
        })));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST));
        assertThat(requests.poll(TestTimeout.SECONDS, TimeUnit.SECONDS)).isNotNull();
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, "early"));
        client.reset();
        assertThat(ended.poll(TestTimeout.SECONDS, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void evenASingleBackendIsNotContactedBeforeTheMessageIsComplete() throws Exception {
        TestBackend backend = respondingBackend();
        RawConnection client = open(balancer(backend));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT_TO_BE_CONTINUED, FIRST.substring(0, 40)));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.PING, "there?"));
        assertReceives(client, RawWebSocketFrame.PONG, "there?");
        assertThat(backend.connections()).isZero();
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.LAST_CONTINUATION, FIRST.substring(40)));
        assertThat(nextFrame().payload()).isEqualTo(FIRST);
        assertReceives(client, RawWebSocketFrame.TEXT, EVENT);
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, "more"));
        assertThat(nextFrame()).isEqualTo(new RawWebSocketFrame(RawWebSocketFrame.TEXT, true, "more"));
    }

    @Test
    void aClientThatReadsNoPongsIsSentNoMore() throws Exception {
        int pings = 8000;
        // A Unix socket's buffer is small and does not grow. The pongs are about 1 MB, more than it holds.
        Path socket = directory.resolve("s");
        balancer(setup(respondingBackend()).listeners("{name: local, bind: \"unix:" + socket + "\"}"));
        RawConnection client = open(RawConnection.connect(socket));
        byte[] ping = RawWebSocketFrame.masked(RawWebSocketFrame.PING, "?".repeat(125));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < pings; i++) {
            all.write(ping);
        }
        client.write(all.toByteArray());
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST));
        assertThat(nextFrame().payload()).isEqualTo(RENAMED);
        int pongs = 0;
        RawWebSocketFrame frame = RawWebSocketFrame.read(client);
        for (; frame.firstByte() == RawWebSocketFrame.PONG; frame = RawWebSocketFrame.read(client)) {
            pongs++;
        }
        assertThat(frame.payload()).isEqualTo(EVENT);
        assertThat(pongs).isBetween(1, pings - 1);
    }
}
