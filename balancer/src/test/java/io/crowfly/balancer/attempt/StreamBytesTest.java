package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Token streams, generated and cut at random, arrive as they were sent, also after the first backend has failed before
 * its first token. The number of streams is a system property; {@code .ci/run} sets 10,000.
 */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class StreamBytesTest extends Testbed {

    private static final int STREAMS = Integer.getInteger("crowfly.streams", 300);
    private static final int STREAMS_PER_CONNECTION = 50;
    /** Every so many streams, the first backend fails. Rarely enough that it is not ejected. */
    private static final int STREAMS_PER_FAILURE = 4;

    private static final String SEED = "seed ";
    private static final String FAIL = "fail, ";

    /** UTF-8 as ISO 8859-1, because test connections read and write bytes as such text. */
    private static final String TEXT = "Bl\u00c3\u00a5b\u00c3\u00a6r";

    private final AtomicInteger failures = new AtomicInteger();

    @Test
    void everyStreamArrivesAsItWasSentHoweverItWasCut() throws Exception {
        var balancer = balancer(Setup.NONE
                .backend("a", sending(true))
                .backend("b", sending(false))
                .withLines("routing: {tier-tolerance: unlimited, exploration: 0%, retry: {budget: 100%}}"));
        Random random = new Random(5);
        RawConnection client = client(balancer);
        for (int i = 1; i <= STREAMS; i++) {
            int seed = random.nextInt(1 << 20);
            client.write(operation(seed).request("m", (i % STREAMS_PER_FAILURE == 0 ? FAIL : "") + SEED + seed));
            Message response = Message.readResponse(client);
            assertThat(response.status()).isEqualTo(200);
            assertThat(digest(response.body())).as("seed %s", seed).isEqualTo(digest(stream(seed)));
            if (i % STREAMS_PER_CONNECTION == 0) {
                client.close();
                client = client(balancer);
            }
        }
        // Not each of them: a backend that fails is passed over at times.
        assertThat(failures).hasValueGreaterThan(STREAMS / STREAMS_PER_FAILURE / 2);
    }

    /** @param fails whether streams fail before their first token if the request says so */
    private TestBackend sending(boolean fails) throws Exception {
        return backend(peer -> {
            while (peer.hasInput()) {
                String body = Message.readRequest(peer).body();
                int seed = Integer.parseInt(body.substring(body.indexOf(SEED) + SEED.length(), body.lastIndexOf('"')));
                String text = stream(seed);
                if (fails && body.contains(FAIL)) {
                    failures.incrementAndGet();
                    text = operation(seed).beginning
                            + (seed % 2 == 0 ? operation(seed).error("server_error") : "");
                }
                sendInPieces(peer, text, new Random(seed));
            }
        });
    }

    private static void sendInPieces(RawConnection peer, String text, Random cuts) throws IOException {
        boolean isLong = text.length() > 10_000;
        StringBuilder chunks = new StringBuilder(TestStream.HEAD);
        for (int at = 0, next; at < text.length(); at = next) {
            next = Math.min(text.length(), at + 1 + cuts.nextInt(isLong ? 9000 : 90));
            chunks.append(TestStream.chunk(text.substring(at, next)));
        }
        chunks.append(TestStream.END);
        for (int at = 0, next; at < chunks.length(); at = next) {
            next = Math.min(chunks.length(), at + 1 + cuts.nextInt(isLong ? 40_000 : 400));
            peer.write(chunks.substring(at, next));
        }
    }

    private static TestStream operation(int seed) {
        return TestStream.values()[seed / 3 % TestStream.values().length];
    }

    private static String stream(int seed) {
        Random random = new Random(seed);
        TestStream operation = operation(seed);
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append(random.nextBoolean() ? ": processing\n\n" : operation.beginning);
        }
        if (random.nextInt(50) == 0) {
            // More than may be held.
            text.append((": " + "x".repeat(1000) + "\n\n").repeat(66 + random.nextInt(200)));
        }
        for (int i = 1 + random.nextInt(5); i > 0; i--) {
            text.append(operation.token(TEXT + random.nextInt(100)));
        }
        switch (random.nextInt(4)) {
            case 0 -> text.append(operation.error("server_error"));
            case 1 -> text.append("data: cut off");
            default -> text.append("data: [DONE]\n\n");
        }
        String lineEnd = random.nextBoolean() ? "\n" : "\r\n";
        return text.toString().replace("\n", lineEnd);
    }

    private static String digest(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.ISO_8859_1)));
    }
}
