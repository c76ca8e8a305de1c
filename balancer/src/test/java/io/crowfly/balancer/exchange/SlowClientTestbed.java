package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;

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

/** Base of tests of clients that do not read yet, while the balancer has received the complete response. */
abstract class SlowClientTestbed extends Testbed {

    /** More than a Unix socket buffers, and less than that plus what the balancer buffers for a slow client. */
    static final int LENGTH = 400 * 1024;

    private static final int PIECE = 16 * 1024;

    final CountDownLatch backendDone = new CountDownLatch(1);

    TestBalancer balancer() throws Exception {
        TestBackend backend = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + LENGTH + "\r\nConnection: close\r\n\r\n"
                    + "x".repeat(LENGTH));
            peer.readToEnd();
            backendDone.countDown();
        });
        return balancer(Setup.NONE.backend("a", backend).listeners("{name: local, bind: \"unix:" + socket() + "\"}"));
    }

    Path socket() {
        return directory.resolve("s");
    }

    /** Returns a client that has read little of the body, which the balancer has received completely. */
    RawConnection clientWithUnreadResponse() throws Exception {
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

    static void assertReceivesTheRest(RawConnection client) throws IOException {
        client.readToEnd();
        assertThat(client.received()).endsWith("x");
        assertThat(client.received().length() - client.received().indexOf("\r\n\r\n") - 4)
                .isEqualTo(LENGTH);
    }
}
