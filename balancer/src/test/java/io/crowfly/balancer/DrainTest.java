package io.crowfly.balancer;

import static io.crowfly.balancer.testbed.RunningBalancer.conf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.crowfly.balancer.testbed.ControllableBackend;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RunningBalancer;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestTimeout;
import java.net.ConnectException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shutdown of a balancer without cutting requests off. */
class DrainTest {

    private static final String EVENT = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";

    @TempDir
    Path directory;

    @Test
    void letsARequestUnderWayFinishAndAcceptsNoMore() throws Exception {
        try (ControllableBackend backend = new ControllableBackend();
                RunningBalancer running = new RunningBalancer(directory, conf(backend.url())).awaitReady()) {
            int port = running.balancer.port("public");
            CompletableFuture<HttpResponse<String>> slow =
                    CompletableFuture.supplyAsync(() -> running.get("/v1/slow"), task -> new Thread(task).start());
            assertThat(backend.slowRequestArrived.await(TestTimeout.SECONDS, TimeUnit.SECONDS))
                    .isTrue();

            assertThat(running.admin("POST", "/drain").statusCode()).isEqualTo(202);

            assertThat(running.admin("GET", "/readyz").statusCode()).isEqualTo(503);
            assertThat(running.admin("GET", "/readyz").body()).isEqualTo("draining\n");
            await().untilAsserted(() -> assertThatThrownBy(() -> new Socket("127.0.0.1", port).close())
                    .isInstanceOf(ConnectException.class));
            assertThat(running.admin("POST", "/reload").statusCode()).isEqualTo(422);
            assertThat(slow).isNotDone();

            backend.slowMayRespond.countDown();
            assertThat(slow.get().statusCode()).isEqualTo(200);
            assertTimeoutPreemptively(Duration.ofSeconds(TestTimeout.SECONDS), running.balancer::awaitDrained);
        }
    }

    @Test
    void aRequestCutBeforeItsResponseGetsA503AndCountsAsOurFailure() throws Exception {
        assertCutRequestGets503("GET /v1/slow HTTP/1.1\r\nHost: h\r\n\r\n");
    }

    @Test
    void aRequestCutWhileItsBodyArrivesGetsA503() throws Exception {
        assertCutRequestGets503(
                "POST /v1/slow HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    }

    private void assertCutRequestGets503(String request) throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        try (TestBackend backend = TestBackend.running(peer -> {
                    while (!peer.readHead().contains("/slow")) {
                        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                    }
                    arrived.countDown();
                    peer.readToEnd();
                });
                RunningBalancer running = new RunningBalancer(
                                directory,
                                conf("http://127.0.0.1:" + backend.port())
                                        + "timeouts: {drain: 50ms}\naccess-log: access.log\n")
                        .awaitReady();
                RawConnection client = RawConnection.connect(running.balancer.port("public"))) {
            client.write(request);
            assertThat(arrived.await(TestTimeout.SECONDS, TimeUnit.SECONDS)).isTrue();
            running.balancer.drain();
            assertTimeoutPreemptively(Duration.ofSeconds(TestTimeout.SECONDS), running.balancer::awaitDrained);
            running.close();
            Message response = Message.readResponse(client);
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.header("connection")).isEqualTo("close");
            assertThat(response.body()).contains("\"code\":\"shutting_down\"");
            assertThat(client.readToEnd()).isEqualTo(new RawConnection.Rest("", false));
        }
        assertThat(RunningBalancer.parseJson(Files.readString(directory.resolve("access.log"))))
                .asInstanceOf(MAP)
                .containsEntry("status", "503")
                .containsEntry("failure", "cut off by shutdown");
    }

    /**
     * Returns the rest of a stream that a client receives after the drain timeout, when the stream has begun before.
     */
    private RawConnection.Rest restOfStreamCutByDrain(String beginning) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (TestBackend backend = TestBackend.running(peer -> {
                    while (!Message.readRequest(peer).target().endsWith("/chat/completions")) {
                        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                    }
                    peer.write(
                            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    + beginning);
                    over.await();
                });
                RunningBalancer running = new RunningBalancer(
                                directory, conf("http://127.0.0.1:" + backend.port()) + "timeouts: {drain: 50ms}\n")
                        .awaitReady();
                RawConnection client = RawConnection.connect(running.balancer.port("public"))) {
            String body = "{\"model\":\"m\",\"stream\":true}";
            client.write("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + body.length() + "\r\n\r\n" + body);
            assertThat(Message.readHead(client).status()).isEqualTo(200);
            assertThat(client.read(beginning.length())).isEqualTo(beginning);
            running.balancer.drain();
            assertTimeoutPreemptively(Duration.ofSeconds(10), running.balancer::awaitDrained);
            running.close();
            over.countDown();
            return client.readToEnd();
        }
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    @Test
    void aStreamCutByADrainEndsWithAnErrorEventAndWithoutLastChunk() throws Exception {
        RawConnection.Rest rest = restOfStreamCutByDrain(chunk(EVENT));
        assertThat(rest.text())
                .contains("data: {\"error\":{", "\"code\":\"upstream_stream_interrupted\"", "}}\n\n")
                .doesNotEndWith("0\r\n\r\n");
        assertThat(rest.reset()).isFalse();
    }

    @Test
    void aStreamCutWithinAnEventGetsNoErrorEvent() throws Exception {
        assertThat(restOfStreamCutByDrain(chunk(EVENT + "data: {\"a\":")).text())
                .isEmpty();
    }

    @Test
    void closesAPersistentConnectionAfterAResponseThatHadBegunBefore() throws Exception {
        CountDownLatch mayFinish = new CountDownLatch(1);
        try (TestBackend backend = TestBackend.running(peer -> {
                    while (!Message.readRequest(peer).target().endsWith("/models")) {
                        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                    }
                    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf");
                    mayFinish.await();
                    peer.write("half");
                });
                RunningBalancer running =
                        new RunningBalancer(directory, conf("http://127.0.0.1:" + backend.port())).awaitReady();
                RawConnection client = RawConnection.connect(running.balancer.port("public"))) {
            client.write("GET /v1/models HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(Message.readHead(client).has("connection")).isFalse();
            assertThat(client.read(4)).isEqualTo("half");
            int port = running.balancer.port("public");
            running.balancer.drain();
            await().untilAsserted(() -> assertThatThrownBy(
                            () -> RawConnection.connect(port).close())
                    .isInstanceOf(ConnectException.class));
            mayFinish.countDown();
            assertThat(client.readToEnd()).isEqualTo(new RawConnection.Rest("half", false));
            assertTimeoutPreemptively(Duration.ofSeconds(TestTimeout.SECONDS), running.balancer::awaitDrained);
        }
    }
}
