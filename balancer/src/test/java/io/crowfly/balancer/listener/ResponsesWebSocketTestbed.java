package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RawWebSocketFrame;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.TestTimeout;
import io.crowfly.balancer.testbed.Testbed;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Base of tests of the Responses API over a WebSocket, which the balancer accepts before it selects a backend. */
abstract class ResponsesWebSocketTestbed extends Testbed {

    static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    static final String UPGRADE = "GET /v1/responses HTTP/1.1\r\nHost: api.test\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Key: " + KEY + "\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Extensions: permessage-deflate\r\nAuthorization: Bearer client-key\r\n\r\n";

    static final String FIRST = "{\"type\":\"response.create\",\"model\":\"m\",\"input\":\"hi\"}";
    static final String RENAMED = "{\"type\":\"response.create\",\"model\":\"the-deployment\",\"input\":\"hi\"}";
    static final String EVENT = "{\"type\":\"response.created\"}";

    private static final String EVENT_FRAME = "\u0081" + (char) EVENT.length() + EVENT;

    final BlockingQueue<Message> requests = new LinkedBlockingQueue<>();
    final BlockingQueue<RawWebSocketFrame> receivedFrames = new LinkedBlockingQueue<>();

    /** Returns a backend that switches protocols and responds to each message with an event. */
    TestBackend respondingBackend() throws Exception {
        return switchingBackend(this::respondToAll);
    }

    private void respondToAll(RawConnection peer) throws Exception {
        while (true) {
            receivedFrames.add(RawWebSocketFrame.read(peer));
            peer.write(EVENT_FRAME);
        }
    }

    private TestBackend switchingBackend(TestBackend.ConnectionScript then) throws Exception {
        return backend(peer -> {
            Message request = Message.readRequest(peer);
            requests.add(request);
            peer.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: " + RawWebSocketFrame.acceptValue(request.header("sec-websocket-key"))
                    + "\r\n\r\n");
            then.run(peer);
        });
    }

    RawWebSocketFrame nextFrame() throws InterruptedException {
        RawWebSocketFrame frame = receivedFrames.poll(TestTimeout.SECONDS, TimeUnit.SECONDS);
        assertThat(frame).isNotNull();
        return frame;
    }

    /** Returns a balancer whose backends have the model {@code m} under another name. */
    TestBalancer balancerFor(TestBackend... backends) throws Exception {
        return balancer(setup(backends));
    }

    static Setup setup(TestBackend... backends) {
        Setup setup = Setup.NONE;
        for (TestBackend backend : backends) {
            setup = setup.backend(
                    "b" + backend.port(),
                    backend,
                    "provider: openai, models: {m: the-deployment}, credential: {bearer: ours}");
        }
        return setup;
    }

    RawConnection open(TestBalancer balancer) throws Exception {
        return open(client(balancer));
    }

    RawConnection open(RawConnection client) throws Exception {
        closing(client).write(UPGRADE);
        Message response = Message.readHead(client);
        assertThat(response.status()).isEqualTo(101);
        assertThat(response.header("sec-websocket-accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assertThat(response.has("sec-websocket-extensions")).isFalse();
        return client;
    }

    static void assertReceives(RawConnection client, int first, String payload) throws Exception {
        assertThat(RawWebSocketFrame.read(client)).isEqualTo(new RawWebSocketFrame(first, false, payload));
    }
}
