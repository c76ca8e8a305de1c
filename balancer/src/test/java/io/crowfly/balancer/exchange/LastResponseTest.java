package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBalancer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A response after which the connection closes, and a client that reads it slowly. A further request of that client is
 * not started meanwhile, because its response could not be sent, and the backend might charge for it.
 */
class LastResponseTest extends LastResponseTestbed {

    private static final String LAST = "GET /v1/last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

    /** More than a Unix socket buffers, and less than that plus what the balancer buffers for a slow client. */
    private static final int LENGTH = 400 * 1024;

    private static final int PIECE = 16 * 1024;

    @Test
    void startsNoRequestAfterTheLastOneOfAConnection() throws Exception {
        CountDownLatch backendDone = new CountDownLatch(1);
        TestBalancer balancer = loggingBalancer(recordingBackend(peer -> {
            peer.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + LENGTH + "\r\n\r\n"
                    + "x".repeat(LENGTH));
            peer.readToEnd();
            backendDone.countDown();
        }));
        RawConnection client = closing(RawConnection.connect(socket()));
        client.write(LAST);
        Message.readHead(client);
        // However much the client reads here, the balancer still has a part of the response in its buffer.
        for (int left = LENGTH; left > LENGTH / 2 && !backendDone.await(50, TimeUnit.MILLISECONDS); left -= PIECE) {
            client.read(PIECE);
        }
        backendDone.await();
        client.write(FOLLOWING);
        // When the only loop has responded to this request, it has also read the earlier one.
        RawConnection other = client(balancer);
        other.write("GET /v1/other HTTP/1.1\r\nHost: h\r\n\r\n");
        Message.readHead(other);
        assertThat(client.readToEnd().text()).endsWith("x");
        assertNotStarted(balancer);
    }
}
