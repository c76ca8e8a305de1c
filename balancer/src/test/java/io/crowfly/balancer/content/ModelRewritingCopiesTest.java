package io.crowfly.balancer.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.CopyCounter;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests that only the new name is written in user space when a body's model is renamed. Every other byte is sent from
 * the memory that a read filled, even if the whole body was held until the name was known.
 */
class ModelRewritingCopiesTest extends Testbed {

    private static final int BODY = 1 << 20;

    /** With quotes, because a string is replaced together with its quotes. */
    private static final String CLIENT_NAME = "\"gpt-4o\"";

    private static final String BACKEND_NAME = "\"a-much-longer-name\"";

    private static final int RESPONSE_LENGTH = 2;

    private static final String LAST_START = "{\"messages\":[{\"role\":\"user\",\"content\":\"";
    private static final String LAST_END = "\"}],\"model\":" + CLIENT_NAME + "}";
    private static final String FIRST_START =
            "{\"model\":" + CLIENT_NAME + ",\"messages\":[{\"role\":\"user\",\"content\":\"";
    private static final String FIRST_END = "\"}]}";

    @AfterEach
    void stopCounting() {
        CopyCounter.stop();
    }

    private static String body(String start, String end) {
        StringBuilder body = new StringBuilder(BODY).append(start);
        for (int i = 0; body.length() < BODY - end.length(); i++) {
            body.append((char) ('a' + i % 23));
        }
        return body.append(end).toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private interface Sender {
        void sendTo(RawConnection client) throws Exception;
    }

    private static Sender withLength(String body) {
        return client -> {
            client.write(head("Content-Length: " + body.length()));
            client.write(bytes(body));
        };
    }

    /**
     * @param size size of a chunk
     * @param atOnce bytes that are written, and mostly read, at once; if not a multiple of a chunk, reads cut chunks in
     *     two
     */
    private static Sender inChunks(String body, int size, int atOnce) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(2 * BODY);
        for (int at = 0; at < body.length(); at += size) {
            String chunk = body.substring(at, Math.min(at + size, body.length()));
            all.writeBytes(bytes(Integer.toHexString(chunk.length()) + "\r\n" + chunk + "\r\n"));
        }
        all.writeBytes(bytes("0\r\n\r\n"));
        byte[] framed = all.toByteArray();
        return client -> {
            client.write(head("Transfer-Encoding: chunked"));
            for (int at = 0; at < framed.length; at += atOnce) {
                client.write(Arrays.copyOfRange(framed, at, Math.min(at + atOnce, framed.length)));
            }
        };
    }

    private static String head(String framing) {
        return "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n" + framing
                + "\r\n\r\n";
    }

    /** Sends the body through a backend with its own model name, and checks every byte. */
    private void assertOnlyTheNameIsNew(String body, Sender sender) throws Exception {
        CompletableFuture<String> arrived = new CompletableFuture<>();
        TestBackend backend = backend(peer -> {
            arrived.complete(Message.readRequest(peer).body());
            peer.write(OK);
        });
        RawConnection client = client(balancer(Setup.NONE
                .backend("a", backend, "provider: openai, models: {gpt-4o: a-much-longer-name}")
                .withLines("limits: {held-size: 16MiB}\ntimeouts: {connect: 30s}")));
        CopyCounter counter = CopyCounter.start();
        Thread sending = new Thread(() -> {
            try {
                sender.sendTo(client);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        sending.start();
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        sending.join();
        CopyCounter.stop();

        String renamed = body.replace(CLIENT_NAME, BACKEND_NAME);
        // A direct comparison would print two texts of 8 MiB.
        assertThat(arrived.join().equals(renamed)).as("the body that arrived").isTrue();
        assertThat(renamed.length() + RESPONSE_LENGTH - counter.bytesPassedByReference())
                .as("body bytes that were not written from where they were read")
                .isEqualTo(BACKEND_NAME.length());
    }

    @Test
    void aBodyOfKnownLengthThatNamesTheModelLast() throws Exception {
        String body = body(LAST_START, LAST_END);
        assertOnlyTheNameIsNew(body, withLength(body));
    }

    @Test
    void aBodyOfKnownLengthThatNamesTheModelFirst() throws Exception {
        String body = body(FIRST_START, FIRST_END);
        assertOnlyTheNameIsNew(body, withLength(body));
    }

    @ParameterizedTest
    @CsvSource({"1024, 1048576", "7919, 1048576", "1024, 1032", "1024, 3001"})
    void chunksThatNameTheModelLast(int size, int atOnce) throws Exception {
        String body = body(LAST_START, LAST_END);
        assertOnlyTheNameIsNew(body, inChunks(body, size, atOnce));
    }

    @Test
    void chunksThatNameTheModelFirst() throws Exception {
        String body = body(FIRST_START, FIRST_END);
        assertOnlyTheNameIsNew(body, inChunks(body, 1024, 3001));
    }
}
