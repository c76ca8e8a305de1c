package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.CopyCounter;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBackend.ConnectionScript;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Base of tests of responses whose body stays in the kernel. The backend waits with the rest of its body until the
 * client has the first part. By then the splice has started.
 */
abstract class SpliceTestbed extends Testbed {

    static final int BODY = 8 << 20;

    /** Length of the part of the body that is read into user space. */
    static final int FIRST = 1000;

    /** A pattern whose period has no divisor in common with the sizes of pages and buffers. */
    static final byte[] PATTERN = new byte[BODY];

    static {
        for (int i = 0; i < BODY; i++) {
            PATTERN[i] = (byte) (i % 251);
        }
    }

    final CountDownLatch started = new CountDownLatch(1);

    private CopyCounter counter;

    @BeforeEach
    void count() {
        counter = CopyCounter.start();
    }

    @AfterEach
    void stopCounting() {
        CopyCounter.stop();
    }

    /** Asserts that the rest of the body did not enter user space. */
    void assertSpliced() {
        assertThat(counter.bytesRead()).isLessThan(10 * FIRST);
    }

    void assertRead() {
        assertThat(counter.bytesRead()).isGreaterThan(BODY);
    }

    /** Writes bytes of {@link #PATTERN}. */
    static void write(RawConnection peer, int from, int to) throws Exception {
        peer.write(Arrays.copyOfRange(PATTERN, from, to));
    }

    /**
     * Starts a backend that sends a head and the first part of the body.
     *
     * @param headers lines with their CR LF
     * @param rest sends the rest of the body after the splice has started
     */
    TestBackend backend(String headers, ConnectionScript rest) throws Exception {
        return backend(peer -> {
            while (peer.hasInput()) {
                Message.readRequest(peer);
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + BODY + "\r\n" + headers + "\r\n");
                write(peer, 0, FIRST);
                started.await();
                rest.run(peer);
            }
        });
    }

    TestBackend completeBackend() throws Exception {
        return backend("", peer -> write(peer, FIRST, BODY));
    }

    TestBalancer balancer(TestBackend backend, String lines) throws Exception {
        return balancer(Setup.NONE.backend("a", backend).withLines(lines));
    }

    /** Returns a client that has received the first part of the body. */
    RawConnection clientOf(TestBalancer balancer) throws Exception {
        RawConnection client = client(balancer);
        request(client, GET);
        return client;
    }

    void request(RawConnection client, String request) throws Exception {
        client.write(request);
        assertThat(Message.readHead(client).status()).isEqualTo(200);
        assertReceives(client, 0, FIRST);
        started.countDown();
    }

    static void assertReceives(RawConnection client, int from, int to) throws Exception {
        byte[] received = client.read(to - from).getBytes(StandardCharsets.ISO_8859_1);
        assertThat(Arrays.mismatch(received, Arrays.copyOfRange(PATTERN, from, to)))
                .as("first wrong byte")
                .isEqualTo(-1);
    }
}
