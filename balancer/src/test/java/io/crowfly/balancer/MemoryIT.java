package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.CrowflyProcess;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that need more memory than a small process has: the process lives, and serves others afterwards. */
class MemoryIT {

    private static final int MIB = 1 << 20;

    private static final String POST =
            "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: ";

    @TempDir
    Path directory;

    private TestBackend backend;
    private CrowflyProcess process;
    private final Deque<RawConnection> attackers = new ArrayDeque<>();

    @BeforeEach
    void start() throws Exception {
        String large = "HTTP/1.1 200 OK\r\nContent-Length: " + MIB + "\r\n\r\n" + "x".repeat(MIB);
        backend = TestBackend.running(peer -> {
            while (peer.hasInput()) {
                peer.write(
                        Message.readRequest(peer).target().endsWith("/large")
                                ? large
                                : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        // Two backends with different models, so that every body is held until its model is known.
        String url = "http://127.0.0.1:" + backend.port();
        process = CrowflyProcess.start(directory, """
                listeners: [{name: public, bind: "127.0.0.1:0"}]
                admin: {bind: "127.0.0.1:0"}
                backends:
                  - {name: one, provider: openai, url: "%s", models: {m: m}}
                  - {name: two, provider: openai, url: "%s", models: {n: n}}
                probes: {tcp: {}}
                """.formatted(url, url), "-XX:MaxDirectMemorySize=24m", "-Xmx64m");
    }

    @AfterEach
    void stop() throws Exception {
        leave();
        process.close();
        backend.close();
    }

    private void leave() throws IOException {
        for (RawConnection client; (client = attackers.poll()) != null; ) {
            client.close();
        }
    }

    private RawConnection attacker() throws IOException {
        RawConnection client = process.client();
        attackers.add(client);
        return client;
    }

    /** Sends the beginning of a chat, as far as the process reads it. */
    private void sendHalf(int length, int sent) throws IOException {
        RawConnection client = attacker();
        Thread sending = new Thread(() -> {
            try {
                client.write(POST + length + "\r\n\r\n{\"x\":\"" + "x".repeat(sent));
            } catch (IOException e) {
                // The process has closed the connection, or the test is over.
            }
        });
        sending.setDaemon(true);
        sending.start();
    }

    private int chat() throws IOException {
        try (RawConnection client = process.client()) {
            String body = "{\"model\":\"m\"}";
            client.write(POST + body.length() + "\r\n\r\n" + body);
            return Message.readResponse(client).status();
        }
    }

    private void assertServesAfterwards() throws Exception {
        assertThat(process.admin("/healthz").statusCode()).isEqualTo(200);
        leave();
        await().until(() -> chat() == 200);
        process.terminate();
        assertThat(process.exitCode()).isZero();
        assertThat(process.output()).doesNotContain("OutOfMemoryError").doesNotContain("Unexpected exception");
    }

    @Test
    void largeHalfBodies() throws Exception {
        for (int i = 0; i < 12; i++) {
            sendHalf(6 * MIB, 5 * MIB);
        }
        await().until(() -> process.admin("/metrics").body().matches("(?s).*\ncrowfly_held_bytes\\S* [1-9].*"));
        await().until(() -> chat() == 200);
        assertServesAfterwards();
    }

    @Test
    void manySmallHalfBodies() throws Exception {
        for (int i = 0; i < 800; i++) {
            sendHalf(60_000, 50_000);
        }
        await().until(() -> chat() == 503);
        assertServesAfterwards();
    }

    @Test
    void clientsThatDoNotReadTheirResponses() throws Exception {
        for (int i = 0; i < 120; i++) {
            attacker().write("GET /v1/files/large HTTP/1.1\r\nHost: h\r\n\r\n");
        }
        await().until(() -> chat() == 503);
        assertServesAfterwards();
    }

    @Test
    void longHeadsThatNeverEnd() throws Exception {
        String half = "GET / HTTP/1.1\r\nHost: h\r\n" + ("X-A: " + "x".repeat(1000) + "\r\n").repeat(30);
        for (int i = 0; i < 1000; i++) {
            attacker().write(half);
        }
        await().until(() -> chat() == 200);
        assertServesAfterwards();
    }
}
