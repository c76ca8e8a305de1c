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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that need more memory than a small process has. The process refuses them, frees their memory while they stay
 * connected, and serves others.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MemoryIT {

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    private static final int DIRECT_MEMORY = 24 * MIB;

    /** Far below the bound, at which the memory stays if nothing is freed. */
    private static final int FREED = DIRECT_MEMORY * 2 / 3;

    private static final int ATTACKS_PER_POLL = 20;

    private static final String POST =
            "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: ";

    private static final String UPGRADE = "GET /v1/responses HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Length: ";

    private Path socket;
    private TestBackend backend;
    private CrowflyProcess process;
    private final Deque<RawConnection> attackers = new ArrayDeque<>();

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        socket = directory.resolve("s");
        backend = TestBackend.running(peer -> {
            while (peer.hasInput()) {
                respond(Message.readRequest(peer), peer);
            }
        });
        // Two backends with different models, so that every body is held until its model is known.
        String url = "http://127.0.0.1:" + backend.port();
        process = CrowflyProcess.start(
                directory, """
                listeners:
                  - {name: public, bind: "127.0.0.1:0"}
                  - {name: local, bind: "unix:%s"}
                admin: {bind: "127.0.0.1:0"}
                backends:
                  - {name: one, provider: openai, url: "%s", models: {m: m}}
                  - {name: two, provider: openai, url: "%s", models: {n: n}}
                probes: {tcp: {}}
                """.formatted(socket, url, url), "-XX:MaxDirectMemorySize=" + DIRECT_MEMORY, "-Xmx64m");
    }

    /** Responds with the number of bytes that the target ends with. For {@code /silent}, the response never comes. */
    private static void respond(Message request, RawConnection peer) throws IOException {
        String name = request.target().substring(request.target().lastIndexOf('/') + 1);
        if (name.equals("silent")) {
            peer.readToEnd();
        } else {
            int length = name.matches("\\d+") ? Integer.parseInt(name) : 2;
            peer.write(HEAD + length + "\r\n\r\n" + "x".repeat(length));
        }
    }

    @AfterEach
    void leave() throws Exception {
        for (RawConnection client; (client = attackers.poll()) != null; ) {
            client.close();
        }
        await().until(() -> metric("crowfly_client_connections") == 0);
        await().until(() -> chat() == 200);
        assertThat(process.admin("/healthz").statusCode()).isEqualTo(200);
    }

    @AfterAll
    void stop() throws Exception {
        try {
            process.terminate();
            assertThat(process.exitCode()).isZero();
            assertThat(process.output())
                    .contains("drained")
                    .doesNotContain("OutOfMemoryError", "Unexpected exception", "an internal error");
        } finally {
            process.close();
            backend.close();
        }
    }

    /** Sends what the process reads of it, over a connection that stays open. */
    private void attack(RawConnection client, String text) {
        attackers.add(client);
        write(client, text);
    }

    private static void write(RawConnection client, String text) {
        try {
            client.write(text);
        } catch (IOException e) {
            // The process has refused the client and closed the connection, or the test is over.
        }
    }

    private void attack(String text) throws IOException {
        attack(process.client(), text);
    }

    private int chat() throws IOException {
        try (RawConnection client = process.client()) {
            String body = "{\"model\":\"m\"}";
            client.write(POST + body.length() + "\r\n\r\n" + body);
            return Message.readResponse(client).status();
        }
    }

    private double metric(String name) throws Exception {
        Matcher matcher = Pattern.compile("(?m)^" + name + "(?:\\{.*})? (\\S+)$")
                .matcher(process.admin("/metrics").body());
        assertThat(matcher.find()).isTrue();
        return Double.parseDouble(matcher.group(1));
    }

    private interface Attack {
        void run() throws Exception;
    }

    private void attackUntilOthersAreRefused(Attack attack) {
        await().until(() -> {
            for (int i = 0; i < ATTACKS_PER_POLL; i++) {
                attack.run();
            }
            return chat() == 503;
        });
    }

    /** Attacks on, more slowly, until Crowfly has freed the memory. No attacker closes its connection. */
    private void attackUntilMemoryIsFreed(Attack attack) {
        await().until(() -> {
            attack.run();
            return metric("crowfly_direct_memory_bytes") < FREED;
        });
        await().until(() -> chat() == 200);
    }

    private static int status(RawConnection client) throws IOException {
        return Message.readHead(client).status();
    }

    @Test
    void largeHalfBodies() throws Exception {
        for (int i = 0; i < 12; i++) {
            RawConnection client = process.client();
            attackers.add(client);
            // The process reads as much as it has reserved memory for.
            Thread sending =
                    new Thread(() -> write(client, POST + 6 * MIB + "\r\n\r\n{\"x\":\"" + "x".repeat(5 * MIB)));
            sending.setDaemon(true);
            sending.start();
        }
        await().until(() -> metric("crowfly_held_bytes") >= 6 * MIB);
        await().until(() -> chat() == 200);
    }

    @Test
    void smallHalfBodies() {
        Attack attack = () -> attack(POST + 60_000 + "\r\n\r\n{\"x\":\"" + "x".repeat(50_000));
        attackUntilOthersAreRefused(attack);
        attackUntilMemoryIsFreed(attack);
    }

    @Test
    void halfFramesOfWebSockets() {
        String start = "\u0081\u00fe" + (char) (60_000 >> 8) + (char) (60_000 & 0xff) + "mask";
        Attack attack = () -> attack(UPGRADE + start + "x".repeat(50_000));
        attackUntilOthersAreRefused(attack);
        attackUntilMemoryIsFreed(attack);
    }

    @Test
    void clientsThatDoNotReadTheirResponses() {
        attackUntilOthersAreRefused(
                () -> attack(RawConnection.connect(socket), "GET /v1/files/" + MIB + " HTTP/1.1\r\nHost: h\r\n\r\n"));
        await().until(() -> metric("crowfly_client_connections") < attackers.size());
        await().until(() -> chat() == 200);
    }

    @Test
    void longHeadsThatNeverEnd() throws Exception {
        String half = "GET / HTTP/1.1\r\nHost: h\r\n" + ("X-A: " + "x".repeat(1000) + "\r\n").repeat(30);
        for (int i = 0; i < 1000; i++) {
            attack(half);
        }
        assertThat(status(attackers.peekLast())).isEqualTo(503);
        await().until(() -> chat() == 200);
    }

    /** A request of 26 bytes needs twenty times as much on the heap. */
    @Test
    void requestsThatWaitForAnEarlierResponse() throws Exception {
        String waiting = "GET / HTTP/1.1\r\nHost:h\r\n\r\n".repeat(300);
        for (int i = 0; i < 300; i++) {
            attack("GET /v1/files/silent HTTP/1.1\r\nHost: h\r\n\r\n" + waiting);
        }
        await().until(() -> chat() == 200);
    }
}
