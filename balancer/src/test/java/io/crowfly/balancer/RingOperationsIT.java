package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.crowfly.balancer.testbed.CrowflyProcess;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBackend.ConnectionScript;
import io.crowfly.balancer.transport.Transport;
import java.nio.file.Path;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/*
 * Each step waits for the one before, so the figures hardly depend on the speed of the machine. The event loop also
 * submits a timeout with some of its waits: 0.7 operations per request and per event were seen. The bounds are below
 * one more operation for each request or event.
 */

/** Operations that the event loop submits to io_uring for one request, and for one event of a token stream. */
class RingOperationsIT {

    private static final int COUNT = 1_000;

    private static final String RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static final String EVENT = "data: {\"choices\":[{\"delta\":{\"content\":\"caw\"}}]}\n\n";

    @TempDir
    private Path directory = Path.of("");

    @BeforeEach
    void needsIoUring() {
        assumeThat(Transport.choose().name()).isEqualTo("io_uring");
    }

    private CrowflyProcess start(TestBackend backend) throws Exception {
        return CrowflyProcess.start(
                directory, """
                listeners: [{name: public, bind: "127.0.0.1:0"}]
                admin: {bind: "127.0.0.1:0"}
                backends: [{name: one, provider: openai, url: "http://127.0.0.1:%d"}]
                probes: {tcp: {}, interval: 1h}
                """.formatted(backend.port()), "-Dio.netty.leakDetection.level=disabled");
    }

    /** A poll, a read and a write on each side, and timeouts. */
    @Test
    void aSmallRequestNeedsFewOperations() throws Exception {
        try (TestBackend backend = TestBackend.respondingWith(RESPONSE);
                CrowflyProcess process = start(backend);
                RawConnection client = process.client()) {
            send(client);
            long before = process.ringOperations();
            for (int i = 0; i < COUNT; i++) {
                send(client);
            }
            assertThat((double) (process.ringOperations() - before) / COUNT).isLessThan(7.5);
        }
    }

    private static void send(RawConnection client) throws Exception {
        client.write("GET /v1/models HTTP/1.1\r\nHost: api.test\r\n\r\n");
        assertThat(Message.readResponse(client).body()).isEqualTo("ok");
    }

    /** A poll and a read from the backend, a write to the client, and timeouts. */
    @Test
    void anEventNeedsFewOperations() throws Exception {
        CyclicBarrier turns = new CyclicBarrier(2);
        ConnectionScript events = peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
            while (true) {
                peer.write(Integer.toHexString(EVENT.length()) + "\r\n" + EVENT + "\r\n");
                turns.await();
            }
        };
        try (TestBackend backend = TestBackend.running(events);
                CrowflyProcess process = start(backend);
                RawConnection client = process.client()) {
            client.write("GET /v1/stream HTTP/1.1\r\nHost: api.test\r\n\r\n");
            client.readHead();
            readEvent(client);
            long before = process.ringOperations();
            for (int i = 0; i < COUNT; i++) {
                turns.await();
                readEvent(client);
            }
            assertThat((double) (process.ringOperations() - before) / COUNT).isLessThan(4.5);
        }
    }

    private static void readEvent(RawConnection client) throws Exception {
        int length = Integer.parseInt(client.readLine(), 16);
        assertThat(client.read(length + "\r\n".length())).isEqualTo(EVENT + "\r\n");
    }
}
