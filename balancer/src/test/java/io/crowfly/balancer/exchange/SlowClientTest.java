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
 * The backend is done and the balancer has all of its answer, but the client does not read it yet. What it has of the
 * answer in its own memory must reach the client whatever else happens to the connection.
 */
class SlowClientTest extends Testbed {

    /** More than a Unix socket takes, and less than that and what may wait for a slow client. */
    private static final int LENGTH = 400 * 1024;

    private static final int PIECE = 16 * 1024;

    private final CountDownLatch taken = new CountDownLatch(1);

    private TestBalancer balancer() throws Exception {
        TestBackend backend = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + LENGTH + "\r\nConnection: close\r\n\r\n"
                    + "x".repeat(LENGTH));
            peer.readToEnd();
            taken.countDown();
        });
        return balancer(Setup.NONE.backend("a", backend).listeners("{name: local, bind: \"unix:" + socket() + "\"}"));
    }

    private Path socket() {
        return directory.resolve("s");
    }

    /** A client that has read little or nothing of the body, of which the balancer has all. */
    private RawConnection clientWithATailToCome() throws Exception {
        RawConnection client = closing(RawConnection.connect(socket()));
        client.write(GET);
        assertThat(Message.readHead(client).has("connection")).isFalse();
        // However long the balancer takes, there is something left for it to keep.
        for (int left = LENGTH; left > LENGTH / 2 && !taken.await(50, TimeUnit.MILLISECONDS); left -= PIECE) {
            client.read(PIECE);
        }
        taken.await();
        return client;
    }

    private static void assertGetsTheRest(RawConnection client) throws IOException {
        client.readToEnd();
        assertThat(client.received()).endsWith("x");
        assertThat(client.received().length() - client.received().indexOf("\r\n\r\n") - 4)
                .isEqualTo(LENGTH);
    }

    @Test
    void getsTheTailThoughItClosesItsHalf() throws Exception {
        // On a Unix socket Netty's NIO takes a half-close for the close of all, and its io_uring loses what waits to be
        // sent.
        assumeThat(transport).isEqualTo("epoll");
        balancer();
        RawConnection client = clientWithATailToCome();
        client.halfClose();
        assertGetsTheRest(client);
    }

    @Test
    void getsTheTailThoughTheBalancerDrains() throws Exception {
        TestBalancer balancer = balancer();
        RawConnection client = clientWithATailToCome();
        balancer.drain();
        await().untilAsserted(() -> assertThatThrownBy(
                        () -> RawConnection.connect(socket()).close())
                .isInstanceOf(IOException.class));
        assertGetsTheRest(client);
    }

    @Test
    void isCutWhenItDoesNotTakeWhatItIsToldByABalancerThatEnds() throws Exception {
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
            taken.countDown();
            peer.readToEnd();
        });
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", backend)
                .listeners(TestBalancer.PUBLIC, "{name: local, bind: \"unix:" + socket() + "\"}"));
        RawConnection client = closing(RawConnection.connect(socket()));
        client.write(GET);
        Message.readHead(client);
        taken.await();
        for (int i = 0; i < 5; i++) {
            // While these come and go the one loop takes the whole event, whose rest waits for the client.
            RawConnection other = client(balancer);
            other.write(GET);
            Message.readResponse(other);
        }
        balancer.close();
        assertThat(client.readToEnd().text()).hasSizeLessThan(LENGTH);
    }
}
