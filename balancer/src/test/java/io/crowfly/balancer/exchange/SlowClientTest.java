package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Clients that do not read yet, while the backend has ended and the balancer has received the complete response. The
 * part in the balancer's memory must reach the client whatever else happens to the connection.
 */
class SlowClientTest extends Testbed {

    /** More than a Unix socket buffers, and less than that plus what the balancer buffers for a slow client. */
    private static final int LENGTH = 400 * 1024;

    private static final int PIECE = 16 * 1024;

    private final CountDownLatch backendDone = new CountDownLatch(1);

    private TestBalancer balancer() throws Exception {
        TestBackend backend = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + LENGTH + "\r\nConnection: close\r\n\r\n"
                    + "x".repeat(LENGTH));
            peer.readToEnd();
            backendDone.countDown();
        });
        return balancer(Setup.NONE.backend("a", backend).listeners("{name: local, bind: \"unix:" + socket() + "\"}"));
    }

    private Path socket() {
        return directory.resolve("s");
    }

    /** Returns a client that has read little of the body, which the balancer has received completely. */
    private RawConnection clientWithUnreadResponse() throws Exception {
        RawConnection client = closing(RawConnection.connect(socket()));
        client.write(GET);
        assertThat(Message.readHead(client).has("connection")).isFalse();
        // However much the client reads here, the balancer still has a part of the response in its buffer.
        for (int left = LENGTH; left > LENGTH / 2 && !backendDone.await(50, TimeUnit.MILLISECONDS); left -= PIECE) {
            client.read(PIECE);
        }
        backendDone.await();
        return client;
    }

    private static void assertReceivesTheRest(RawConnection client) throws IOException {
        client.readToEnd();
        assertThat(client.received()).endsWith("x");
        assertThat(client.received().length() - client.received().indexOf("\r\n\r\n") - 4)
                .isEqualTo(LENGTH);
    }

    @Test
    void receivesTheRestAfterItsHalfClose() throws Exception {
        // On a Unix socket, Netty's NIO treats a half-close as a full close, and its io_uring loses unsent data.
        assumeThat(transport).isEqualTo("epoll");
        balancer();
        RawConnection client = clientWithUnreadResponse();
        client.halfClose();
        assertReceivesTheRest(client);
    }

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
