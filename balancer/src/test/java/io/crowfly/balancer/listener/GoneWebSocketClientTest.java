package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Certificates;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RawWebSocketFrame;
import io.crowfly.balancer.testbed.TestBalancer;
import java.util.Arrays;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/**
 * WebSocket clients that disconnect while the backend works on the handshake: the attempt is cancelled at once. The
 * timeout for the first byte is longer than a test. Issue 18, row 9.
 */
class GoneWebSocketClientTest extends GoneWebSocketClientTestbed {

    private static final byte[] CLOSE = RawWebSocketFrame.masked(RawWebSocketFrame.CLOSE, "\u0003\u00e8");

    @Test
    void aFinCancelsTheAttempt() throws Exception {
        RawConnection client = waitingClient();
        client.halfClose();
        awaitCancelled();
        assertThat(client.readToEnd().text()).isEmpty();
    }

    @Test
    void aResetCancelsTheAttempt() throws Exception {
        waitingClient().reset();
        awaitCancelled();
    }

    @Test
    void aCloseFrameCancelsTheAttemptAndIsAnswered() throws Exception {
        RawConnection client = waitingClient();
        client.write(CLOSE);
        awaitCancelled();
        assertReceives(client, RawWebSocketFrame.CLOSE, "\u0003\u00e8");
        assertThat(client.readToEnd()).isEqualTo(new RawConnection.Rest("", false));
    }

    @Test
    void aCloseFrameBehindOtherFramesCancelsTheAttempt() throws Exception {
        RawConnection client = waitingClient();
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.PING, "there?"));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, "x".repeat(300)));
        client.write(CLOSE);
        awaitCancelled();
        assertReceives(client, RawWebSocketFrame.CLOSE, "\u0003\u00e8");
    }

    @Test
    void aCloseFrameInTheSamePacketAsTheMessageLeavesTheBackendAlone() throws Exception {
        RawConnection client = open(balancerFor(workingBackend()));
        byte[] first = RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST);
        byte[] both = Arrays.copyOf(first, first.length + CLOSE.length);
        System.arraycopy(CLOSE, 0, both, first.length, CLOSE.length);
        client.write(both);
        assertReceives(client, RawWebSocketFrame.CLOSE, "\u0003\u00e8");
        assertThat(client.readToEnd()).isEqualTo(new RawConnection.Rest("", false));
    }

    @Test
    void aCloseNotifyCancelsTheAttempt() throws Exception {
        TestBalancer balancer = balancer(setup(workingBackend())
                .listeners("{name: public, bind: \"127.0.0.1:0\", tls: {certificates: ["
                        + Certificates.write(directory, "one.test", "one.test") + "]}}"));
        SSLSocket socket = closing(Certificates.connect(balancer.port(), "one.test"));
        RawConnection client = open(RawConnection.wrap(socket));
        client.write(RawWebSocketFrame.masked(RawWebSocketFrame.TEXT, FIRST));
        awaitRequest();
        // Without a FIN.
        socket.shutdownOutput();
        awaitCancelled();
    }

    @Test
    void aFinDuringARealtimeHandshakeCancelsTheAttempt() throws Exception {
        RawConnection client = client(balancerFor(workingBackend()));
        client.write(UPGRADE.replace("/v1/responses", "/v1/realtime?model=m"));
        awaitRequest();
        client.halfClose();
        awaitCancelled();
        assertThat(client.readToEnd().text()).isEmpty();
    }
}
