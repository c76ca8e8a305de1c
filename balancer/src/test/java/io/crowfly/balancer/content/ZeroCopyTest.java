package io.crowfly.balancer.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.CopyCounter;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.transport.Splice;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tests that no body byte is copied in user space on plain HTTP/1.1. Every body byte that the balancer writes is in the
 * memory that a read filled, and no other byte is. So each byte of both bodies is counted.
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
        System.clearProperty(Splice.PROPERTY);
    }

    private CopyCounter exchange(TestBackend backend, Sender request) throws Exception {
        RawConnection client = client(balancer(backend));
        CopyCounter counter = CopyCounter.start();
        Thread sending = new Thread(() -> {
            try {
                request.sendTo(client);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        sending.start();
        String body = Message.readResponse(client).body();
        sending.join();
        assertThat(body.length()).isIn(2, BODY);
        CopyCounter.stop();
        return counter;
    }

    private interface Sender {
        void sendTo(RawConnection wire) throws Exception;
    }

    private static void sendChunks(RawConnection wire, int size) throws Exception {
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

    private static TestBackend.ConnectionScript reading() {
        return peer -> {
            assertThat(Message.readRequest(peer).body().length()).isEqualTo(BODY);
            peer.write(OK);
        };
    }

    /** The count must be exact, because a copied byte would be missing from it. */
    private static void assertNothingCopied(CopyCounter counter, int bodyBytes) {
        assertThat(counter.bytesPassedByReference())
                .as("body bytes written from where they were read")
                .isEqualTo(bodyBytes);
    }

    @Test
    void aRequestBodyOfKnownLengthPassesByReference() throws Exception {
        CopyCounter counter = exchange(backend(reading()), client -> {
            client.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + BODY + "\r\n\r\n");
            client.write(PATTERN);
        });
        assertNothingCopied(counter, BODY + 2);
    }

    @Test
    void aResponseBodyOfKnownLengthPassesByReference() throws Exception {
        System.setProperty(Splice.PROPERTY, "false");
        TestBackend backend = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + BODY + "\r\n\r\n");
            peer.write(PATTERN);
            peer.readToEnd();
        });
        assertNothingCopied(exchange(backend, client -> client.write(GET)), BODY);
    }

    /**
     * The count of bytes that were read is exact: the first part of the body is read, and the rest stays in the kernel.
     */
    @Test
    void noByteOfTheRestOfALargeResponseEntersUserSpace() throws Exception {
        int firstPart = 1000;
        CountDownLatch firstPartReceived = new CountDownLatch(1);
        String head = "HTTP/1.1 200 OK\r\nContent-Length: " + BODY + "\r\n\r\n";
        TestBackend backend = backend(peer -> {
            Message.readRequest(peer);
            peer.write(head + new String(PATTERN, 0, firstPart, StandardCharsets.ISO_8859_1));
            firstPartReceived.await();
            peer.write(Arrays.copyOfRange(PATTERN, firstPart, BODY));
            peer.readToEnd();
        });
        RawConnection client = client(balancer(backend));
        CopyCounter counter = CopyCounter.start();
        client.write(GET);
        Message.readHead(client);
        String first = client.read(firstPart);
        firstPartReceived.countDown();
        String rest = client.read(BODY - firstPart);
        assertThat((first + rest).equals(new String(PATTERN, StandardCharsets.ISO_8859_1)))
                .isTrue();
        int bodyBytes = transport.equals("nio") ? BODY : firstPart;
        assertThat(counter.bytesRead()).isEqualTo(GET.length() + head.length() + bodyBytes);
        assertNothingCopied(counter, bodyBytes);
    }

    @Test
    void requestChunksOfAnOddSizePassByReference() throws Exception {
        CopyCounter counter = exchange(backend(reading()), client -> {
            client.write("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
            sendChunks(client, 7919);
        });
        assertNothingCopied(counter, BODY + 2);
    }

    @Test
    void responseChunksOfAnOddSizePassByReference() throws Exception {
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
