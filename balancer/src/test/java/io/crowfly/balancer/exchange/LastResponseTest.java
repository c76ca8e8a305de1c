package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBackend.ConnectionScript;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * A response after which the connection closes, and a client that reads it slowly. A further request of that client is
 * not started meanwhile, because its response could not be sent, and the backend might charge for it.
 */
class LastResponseTest extends Testbed {

    private static final String LAST = "GET /v1/last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    private static final String FOLLOWING = "GET /v1/behind HTTP/1.1\r\nHost: h\r\n\r\n";

    /** More than a Unix socket buffers, and less than that plus what the balancer buffers for a slow client. */
    private static final int LENGTH = 400 * 1024;

    private static final int PIECE = 16 * 1024;
    private static final String CHUNK = Integer.toHexString(PIECE) + "\r\n" + "x".repeat(PIECE) + "\r\n";

    private final Queue<String> received = new ConcurrentLinkedQueue<>();

    private TestBalancer loggingBalancer(TestBackend backend) throws Exception {
        String[] listeners = {"{name: local, bind: \"unix:" + socket() + "\"}", TestBalancer.PUBLIC};
        return balancer(Setup.NONE.backend("a", backend).listeners(listeners).withLines("access-log: access.log"));
    }

    /** A Unix socket, whose buffer is small and does not grow. */
    private Path socket() {
        return directory.resolve("s");
    }

    private Path log() {
        return directory.resolve("access.log");
    }

    private TestBackend recordingBackend(ConnectionScript response) throws Exception {
        return backend(peer -> {
            received.add(Message.readRequest(peer).target());
            response.run(peer);
        });
    }

    /**
     * Asserts that the request was not sent to a backend, and not started. The log would show even a request that ended
     * at once.
     */
    private void assertNotStarted(TestBalancer balancer) {
        balancer.close();
        assertThat(log()).content().contains("/v1/last").doesNotContain("/v1/behind");
        assertThat(received).contains("/v1/last").doesNotContain("/v1/behind");
    }

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

    @Test
    void startsNoRequestAfterAnInterruptedResponse() throws Exception {
        // The other transports detect a reset only while they read.
        assumeThat(transport).isEqualTo("epoll");
        AtomicLong written = new AtomicLong();
        TestBackend backend = recordingBackend(peer -> {
            peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            while (true) {
                peer.write(CHUNK);
                written.incrementAndGet();
            }
        });
        TestBalancer balancer = loggingBalancer(backend);
        RawConnection client = closing(RawConnection.connect(socket()));
        client.write("GET /v1/last HTTP/1.1\r\nHost: h\r\n\r\n" + FOLLOWING);
        standstill(written);
        backend.connection(0).reset();
        await().until(() -> Files.exists(log()) && Files.size(log()) > 0);
        assertThat(client.readToEnd().text()).endsWith("x\r\n");
        assertNotStarted(balancer);
    }
}
