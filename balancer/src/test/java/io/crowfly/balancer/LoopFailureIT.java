package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.CrowflyProcess;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process whose event loop has ended or is blocked: its log, its health, and its end. */
class LoopFailureIT {

    @TempDir
    Path directory;

    private TestBackend backend;
    private CrowflyProcess process;

    @BeforeEach
    void start() throws Exception {
        backend = TestBackend.respondingWith("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        process = CrowflyProcess.start(directory, """
                listeners: [{name: public, bind: "127.0.0.1:0"}]
                admin: {bind: "127.0.0.1:0"}
                backends: [{name: one, provider: openai, url: "http://127.0.0.1:%d"}]
                probes: {tcp: {}}
                timeouts: {drain: 2s}
                """.formatted(backend.port()));
        try (RawConnection client = process.client()) {
            client.write("GET /v1/models HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(Message.readResponse(client).status()).isEqualTo(200);
        }
        assertThat(process.admin("/healthz").statusCode()).isEqualTo(200);
    }

    @AfterEach
    void stop() throws Exception {
        process.close();
        backend.close();
    }

    private void awaitUnhealthy(String reason) throws Exception {
        await().until(() -> process.admin("/healthz").statusCode() == 503);
        HttpResponse<String> ready = process.admin("/readyz");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).isEqualTo(reason + "\n");
    }

    @Test
    void aLoopThatHasEndedIsLoggedFailsTheHealthCheckAndEndsTheProcess() throws Exception {
        process.command("end");
        awaitUnhealthy("event loop 0 has ended");
        assertThat(process.exitCode()).isEqualTo(3);
        assertThat(process.output())
                .contains("event loop 0 has ended; the process will end")
                .contains("the process ends, because event loop 0 has ended");
    }

    @Test
    void aBlockedLoopIsLoggedWithItsStackFailsTheHealthCheckAndEndsTheProcess() throws Exception {
        process.command("block");
        awaitUnhealthy("event loop 0 is blocked");
        assertThat(process.exitCode()).isEqualTo(3);
        assertThat(process.output()).contains("event loop 0 is blocked for 3 s").contains("EventLoops.awaitForever");
    }

    @Test
    void sigtermEndsTheProcessThoughALoopHasEnded() throws Exception {
        process.command("end");
        process.terminate();
        assertThat(process.exitCode()).isIn(0, 3);
    }

    @Test
    void sigtermEndsTheProcessThoughALoopIsBlocked() throws Exception {
        process.command("block");
        process.terminate();
        assertThat(process.exitCode()).isIn(0, 3);
        assertThat(process.output()).contains("the shutdown was not complete within timeouts.drain");
    }

    @Test
    void sigtermEndsAHealthyProcessWithSuccess() throws Exception {
        process.terminate();
        assertThat(process.exitCode()).isZero();
        assertThat(process.output()).contains("drained");
    }
}
