package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.CopyCounter;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.Wire;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * On plain HTTP/1.1 a body byte is not copied in user space: what the balancer writes of a body lies in the very memory that
 * a read filled, nothing else does, and so every byte of both bodies can be accounted for.
 */
class ZeroCopyTest extends Testbed {

    private static final int BODY = 8 << 20;

    private static final byte[] PATTERN = pattern();

    private static byte[] pattern() {
        byte[] bytes = new byte[BODY];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ('a' + i % 23);
        }
        return bytes;
    }

    @AfterEach
    void stopCounting() {
        CopyCounter.stop();
    }

    private CopyCounter exchange(TestBackend backend, Sender request) throws Exception {
        Wire client = client(balancer(backend));
        CopyCounter counter = CopyCounter.start();
        Thread sending = new Thread(() -> {
            try {
                request.sendTo(client);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        sending.start();
        String body = Message.readAnswer(client).body();
        sending.join();
        assertThat(body.length()).isIn(2, BODY);
        CopyCounter.stop();
        return counter;
    }

    private interface Sender {
        void sendTo(Wire wire) throws Exception;
    }

    private static void sendChunks(Wire wire, int size) throws Exception {
        byte[] end = "\r\n".getBytes(StandardCharsets.ISO_8859_1);
        ByteArrayOutputStream all = new ByteArrayOutputStream(BODY * 2);
        for (int at = 0; at < BODY; at += size) {
            int length = Math.min(size, BODY - at);
            all.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            all.write(PATTERN, at, length);
            all.writeBytes(end);
        }
        all.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        wire.write(all.toByteArray());
    }

    private static TestBackend.Script reading() {
        return peer -> {
            assertThat(Message.readRequest(peer).body().length()).isEqualTo(BODY);
            peer.write(OK);
        };
    }

    /** Exactly: a byte that was copied would be missing here. */
    private static void assertNothingCopied(CopyCounter counter, int bodyBytes) {
        assertThat(counter.passedBytes())
                .as("body bytes written from where they were read")
                .isEqualTo(bodyBytes);
    }

    @Test
    void aBodyOfKnownLengthGoesUpByReference() throws Exception {
        CopyCounter counter = exchange(backend(reading()), client -> {
            client.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + BODY + "\r\n\r\n");
            client.write(PATTERN);
        });
        assertNothingCopied(counter, BODY + 2);
    }

    @Test
    void aBodyOfKnownLengthComesDownByReference() throws Exception {
        TestBackend backend = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + BODY + "\r\n\r\n");
            peer.write(PATTERN);
            peer.readToEnd();
        });
        assertNothingCopied(exchange(backend, client -> client.write(GET)), BODY);
    }

    @Test
    void chunksOfAnOddSizeGoUpByReference() throws Exception {
        CopyCounter counter = exchange(backend(reading()), client -> {
            client.write("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
            sendChunks(client, 7919);
        });
        assertNothingCopied(counter, BODY + 2);
    }

    @Test
    void chunksOfAnOddSizeComeDownByReference() throws Exception {
        TestBackend backend = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            sendChunks(peer, 7919);
            peer.readToEnd();
        });
        CopyCounter counter = exchange(backend, client -> client.write(GET));
        assertNothingCopied(counter, BODY);
    }
}
