package io.crowfly.balancer;

import static io.crowfly.balancer.RunningBalancer.conf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.net.ConnectException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrainTest {

    @TempDir
    Path directory;

    @Test
    void letsARequestUnderWayFinishAndAcceptsNoMore() throws Exception {
        try (AdminTestBackend backend = new AdminTestBackend();
                RunningBalancer running = new RunningBalancer(directory, conf(backend.url())).untilReady()) {
            int port = running.balancer.port("public");
            CompletableFuture<HttpResponse<String>> slow =
                    CompletableFuture.supplyAsync(() -> running.through("/v1/slow"));
            assertThat(backend.slowRequestArrived.await(10, TimeUnit.SECONDS)).isTrue();

            assertThat(running.admin("POST", "/drain").statusCode()).isEqualTo(202);

            assertThat(running.admin("GET", "/readyz").statusCode()).isEqualTo(503);
            assertThat(running.admin("GET", "/readyz").body()).isEqualTo("draining\n");
            await().untilAsserted(() -> assertThatThrownBy(() -> new Socket("127.0.0.1", port).close())
                    .isInstanceOf(ConnectException.class));
            assertThat(running.admin("POST", "/reload").statusCode()).isEqualTo(422);
            assertThat(slow).isNotDone();

            backend.slowMayAnswer.countDown();
            assertThat(slow.get().statusCode()).isEqualTo(200);
            assertTimeoutPreemptively(Duration.ofSeconds(10), running.balancer::awaitDrained);
        }
    }

    @Test
    void breaksOffWhatTakesLongerThanItMay() throws Exception {
        try (AdminTestBackend backend = new AdminTestBackend();
                RunningBalancer running = new RunningBalancer(
                                directory, conf(backend.url()) + "timeouts: {drain: 100ms}\n")
                        .untilReady()) {
            CompletableFuture<HttpResponse<String>> slow =
                    CompletableFuture.supplyAsync(() -> running.through("/v1/slow"));
            assertThat(backend.slowRequestArrived.await(10, TimeUnit.SECONDS)).isTrue();
            running.balancer.drain();
            assertTimeoutPreemptively(Duration.ofSeconds(10), running.balancer::awaitDrained);
            running.close();
            assertThatThrownBy(slow::get).hasMessageContaining("IOException");
        }
    }
}
