package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestedTransports;
import java.nio.file.Files;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A response that its backend interrupts. Only epoll detects a reset while nothing is read. */
@TestedTransports(TestedTransports.Selection.EPOLL)
class LastResponseOnEpollTest extends LastResponseTestbed {

    private static final int PIECE = 16 * 1024;
    private static final String CHUNK = Integer.toHexString(PIECE) + "\r\n" + "x".repeat(PIECE) + "\r\n";

    @Test
    void startsNoRequestAfterAnInterruptedResponse() throws Exception {
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
