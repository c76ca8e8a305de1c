package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RawWebSocketFrame;
import io.crowfly.balancer.testbed.SingleByteReads;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Data that is held and arrives byte by byte: few read buffers are kept, however much is held. */
class DrippingBodiesTest extends ResponsesWebSocketTestbed {

    private static final int DRIPPED = 3_000;
    private static final String TEXT = "0".repeat(DRIPPED);

    /** A few pieces are held by reference, because most bodies have no more. */
    private static final int FEW = 100;

    private final SingleByteReads network = SingleByteReads.start();

    @AfterEach
    void stop() {
        network.close();
    }

    /** Waits until that many bytes have been read, and checks that they keep few read buffers. */
    private void awaitHeld(int bytes) {
        await().until(() -> network.bytesRead() >= bytes);
        assertThat(network.buffersInUse()).isLessThan(FEW);
    }

    @Test
    void aBodyWhoseModelHasNotArrived() throws Exception {
        String head = "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                + "Content-Length: ";
        sendHalf(head, "{\"x\":\"" + TEXT, "\",\"model\":\"m\"}");
    }

    @Test
    void theHeadOfAPartOfAForm() throws Exception {
        String head = "POST /v1/audio/transcriptions HTTP/1.1\r\nHost: h\r\n"
                + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: ";
        String file = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + TEXT;
        String model = "\"\r\n\r\nabc\r\n--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n--x--\r\n";
        sendHalf(head, file, model);
    }

    private void sendHalf(String head, String half, String rest) throws Exception {
        String start = head + (half.length() + rest.length()) + "\r\n\r\n" + half;
        RawConnection client = client(balancerFor(backend(OK)));
        client.write(start);
        awaitHeld(start.length());
        client.write(rest);
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
    }

    @Test
    void anErrorOfABackend() throws Exception {
        String error = "HTTP/1.1 400 Bad Request\r\nContent-Length: " + (DRIPPED + 1) + "\r\n\r\n" + TEXT;
        String request = "GET /v1/files HTTP/1.1\r\nHost: h\r\n\r\n";
        TestBackend backend = backend(peer -> {
            Message.readRequest(peer);
            peer.write(error);
            awaitHeld(request.length() + error.length());
            peer.write("0");
        });
        // Errors of Azure are held until they can be translated.
        Setup setup = Setup.NONE.backend("a", backend, "provider: azure, credential: {api-key: k}");
        RawConnection client = client(balancer(setup));
        client.write(request);
        assertThat(Message.readResponse(client).status()).isEqualTo(400);
    }

    @Test
    void theFirstMessageOfAWebSocket() throws Exception {
        RawConnection client = open(balancerFor(respondingBackend()));
        byte[] frame = RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST.replace("hi", TEXT));
        client.write(Arrays.copyOf(frame, frame.length - 1));
        awaitHeld(UPGRADE.length() + frame.length - 1);
        client.write(Arrays.copyOfRange(frame, frame.length - 1, frame.length));
        assertThat(nextFrame().payload()).contains(TEXT);
    }

    @Test
    void framesOfAWebSocketBeforeItsBackendHasAcceptedIt() throws Exception {
        CountDownLatch mayAccept = new CountDownLatch(1);
        TestBackend backend = backend(peer -> {
            Message request = Message.readRequest(peer);
            mayAccept.await();
            peer.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: " + RawWebSocketFrame.acceptValue(request.header("sec-websocket-key"))
                    + "\r\n\r\n");
            receivedFrames.add(RawWebSocketFrame.read(peer));
            receivedFrames.add(RawWebSocketFrame.read(peer));
        });
        RawConnection client = open(balancerFor(backend));
        byte[] first = RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST);
        byte[] early = RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, TEXT);
        client.write(first);
        client.write(early);
        awaitHeld(UPGRADE.length() + first.length + early.length);
        mayAccept.countDown();
        assertThat(nextFrame().payload()).isEqualTo(RENAMED);
        assertThat(nextFrame().payload()).isEqualTo(TEXT);
    }

    @Test
    void theBodyOfAnAdminRequest() throws Exception {
        RawConnection operator =
                closing(RawConnection.connect(balancerFor(backend(OK)).adminPort()));
        String start =
                "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + (DRIPPED + 1) + "\r\n\r\n" + TEXT;
        operator.write(start);
        awaitHeld(start.length());
        operator.write("0");
        assertThat(Message.readResponse(operator).status()).isEqualTo(200);
    }
}
