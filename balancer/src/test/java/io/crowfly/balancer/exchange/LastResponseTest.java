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
 * An answer behind which the connection closes, whose client is slow to read it: what that client asks for next is not
 * taken up meanwhile. Nobody would answer it, and it might be paid for all the same.
 */
class LastResponseTest extends Testbed {

    private static final String LAST = "GET /v1/last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    private static final String BEHIND = "GET /v1/behind HTTP/1.1\r\nHost: h\r\n\r\n";

    /** More than a Unix socket takes, and less than that and what may wait for a slow client. */
    private static final int LENGTH = 400 * 1024;

    private static final int PIECE = 16 * 1024;
    private static final String CHUNK = Integer.toHexString(PIECE) + "\r\n" + "x".repeat(PIECE) + "\r\n";

    private final Queue<String> asked = new ConcurrentLinkedQueue<>();

    private TestBalancer logging(TestBackend backend) throws Exception {
        String[] listeners = {"{name: local, bind: \"unix:" + socket() + "\"}", TestBalancer.PUBLIC};
        return balancer(Setup.NONE.backend("a", backend).listeners(listeners).withLines("access-log: access.log"));
    }

    /** Its buffer is small, and does not grow. */
    private Path socket() {
        return directory.resolve("s");
    }

    private Path log() {
        return directory.resolve("access.log");
    }

    private TestBackend noting(ConnectionScript answer) throws Exception {
        return backend(peer -> {
            asked.add(Message.readRequest(peer).target());
            answer.run(peer);
        });
    }

    /** Not sent to the backend, and not begun either: the log would have it even if it was given up at once. */
    private void assertNotTakenUp(TestBalancer balancer) {
        balancer.close();
        assertThat(log()).content().contains("/v1/last").doesNotContain("/v1/behind");
        assertThat(asked).contains("/v1/last").doesNotContain("/v1/behind");
    }

    @Test
    void nothingIsTakenUpBehindTheAnswerToARequestThatIsToBeTheLast() throws Exception {
        CountDownLatch taken = new CountDownLatch(1);
        TestBalancer balancer = logging(noting(peer -> {
            peer.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + LENGTH + "\r\n\r\n"
                    + "x".repeat(LENGTH));
            peer.readToEnd();
            taken.countDown();
        }));
        RawConnection client = closing(RawConnection.connect(socket()));
        client.write(LAST);
        Message.readHead(client);
        // However long the balancer takes, there is something left for it to keep.
        for (int left = LENGTH; left > LENGTH / 2 && !taken.await(50, TimeUnit.MILLISECONDS); left -= PIECE) {
            client.read(PIECE);
        }
        taken.await();
        client.write(BEHIND);
        // Once the one loop has answered this, it has seen what came before.
        RawConnection other = client(balancer);
        other.write("GET /v1/other HTTP/1.1\r\nHost: h\r\n\r\n");
        Message.readHead(other);
        assertThat(client.readToEnd().text()).endsWith("x");
        assertNotTakenUp(balancer);
    }

    @Test
    void nothingIsTakenUpBehindAnAnswerThatBreaksOff() throws Exception {
        // The others notice a reset only where they read on.
        assumeThat(transport).isEqualTo("epoll");
        AtomicLong written = new AtomicLong();
        TestBackend backend = noting(peer -> {
            peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            while (true) {
                peer.write(CHUNK);
                written.incrementAndGet();
            }
        });
        TestBalancer balancer = logging(backend);
        RawConnection client = closing(RawConnection.connect(socket()));
        client.write("GET /v1/last HTTP/1.1\r\nHost: h\r\n\r\n" + BEHIND);
        standstill(written);
        backend.connection(0).reset();
        await().until(() -> Files.exists(log()) && Files.size(log()) > 0);
        assertThat(client.readToEnd().text()).endsWith("x\r\n");
        assertNotTakenUp(balancer);
    }
}
