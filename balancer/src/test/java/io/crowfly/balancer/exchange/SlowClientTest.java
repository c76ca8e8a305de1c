package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Clients that do not read yet, while the backend has ended and the balancer has received the complete response. The
 * part in the balancer's memory must reach the client whatever else happens to the connection.
 */
class SlowClientTest extends SlowClientTestbed {

    @Test
    void receivesTheRestWhileTheBalancerDrains() throws Exception {
        TestBalancer balancer = balancer();
        RawConnection client = clientWithUnreadResponse();
        balancer.drain();
        await().untilAsserted(() -> assertThatThrownBy(
                        () -> RawConnection.connect(socket()).close())
                .isInstanceOf(IOException.class));
        assertReceivesTheRest(client);
    }

    @Test
    void isCutOffByAShutdownWhenItDoesNotRead() throws Exception {
        String event = "data: " + "x".repeat(LENGTH) + "\n\n";
        AtomicInteger requests = new AtomicInteger();
        TestBackend backend = backend(peer -> {
            Message.readRequest(peer);
            if (requests.getAndIncrement() > 0) {
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                return;
            }
            peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + Integer.toHexString(event.length()) + "\r\n" + event + "\r\n");
            backendDone.countDown();
            peer.readToEnd();
        });
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", backend)
                .listeners(TestBalancer.PUBLIC, "{name: local, bind: \"unix:" + socket() + "\"}"));
        RawConnection client = closing(RawConnection.connect(socket()));
        client.write(GET);
        Message.readHead(client);
        backendDone.await();
        for (int i = 0; i < 5; i++) {
            // During these requests the only loop reads the whole event, whose rest stays buffered for the client.
            RawConnection other = client(balancer);
            other.write(GET);
            Message.readResponse(other);
        }
        balancer.close();
        assertThat(client.readToEnd().text()).hasSizeLessThan(LENGTH);
    }
}
