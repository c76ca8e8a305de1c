package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.CopyCounter;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.Wire;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Of a body whose model is renamed, the new name is all that is written in user space: every other byte goes out from the
 * memory that a read filled, though all of them may have had to wait for the name.
 */
class ModelRewritingCopiesTest extends Testbed {

    private static final int BODY = 1 << 20;

    /** As they stand in the body: a string is replaced with its quotes. */
    private static final String CLIENTS = "\"gpt-4o\"";

    private static final String OURS = "\"a-much-longer-name\"";

    private static final int ANSWER = 2;

    private static final String LAST_START = "{\"messages\":[{\"role\":\"user\",\"content\":\"";
    private static final String LAST_END = "\"}],\"model\":" + CLIENTS + "}";
    private static final String FIRST_START =
            "{\"model\":" + CLIENTS + ",\"messages\":[{\"role\":\"user\",\"content\":\"";
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
        void sendTo(Wire client) throws Exception;
    }

    private static Sender withLength(String body) {
        return client -> {
            client.write(head("Content-Length: " + body.length()));
            client.write(bytes(body));
        };
    }

    /**
     * @param size of a chunk
     * @param atOnce bytes that are written, and mostly read, at once: where it is no multiple of a chunk, reads cut chunks in two
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

    /** Has the body pass under the backend's own name, and every byte of it accounted for. */
    private void assertOnlyTheNameIsNew(String body, Sender sender) throws Exception {
        CompletableFuture<String> arrived = new CompletableFuture<>();
        TestBackend backend = backend(peer -> {
            arrived.complete(Message.readRequest(peer).body());
            peer.write(OK);
        });
        Wire client = client(balancer(Setup.NONE
                .backend("a", backend, "provider: openai, models: {gpt-4o: a-much-longer-name}")
                .and("limits: {held-size: 16MiB}")));
        CopyCounter counter = CopyCounter.start();
        Thread sending = new Thread(() -> {
            try {
                sender.sendTo(client);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        sending.start();
        assertThat(Message.readAnswer(client).status()).isEqualTo(200);
        sending.join();
        CopyCounter.stop();

        String renamed = body.replace(CLIENTS, OURS);
        // Not as a description of two texts of 8 MiB.
        assertThat(arrived.join().equals(renamed)).as("the body that arrived").isTrue();
        assertThat(renamed.length() + ANSWER - counter.passedBytes())
                .as("body bytes that were not written from where they were read")
                .isEqualTo(OURS.length());
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
