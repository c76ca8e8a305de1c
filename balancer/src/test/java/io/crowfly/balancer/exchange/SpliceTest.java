package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Flood;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestedTransports;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Responses whose body stays in the kernel: complete ones, and each way in which they can end early. */
@TestedTransports(TestedTransports.Selection.NATIVE)
class SpliceTest extends SpliceTestbed {

    private final CountDownLatch backendDone = new CountDownLatch(1);

    @Test
    void passesTheBodyUnchangedAndUsesBothConnectionsAgain() throws Exception {
        TestBackend backend = completeBackend();
        RawConnection client = clientOf(balancer(backend));
        assertReceives(client, FIRST, BODY);
        for (int i = 0; i < 3; i++) {
            request(client, GET);
            assertReceives(client, FIRST, BODY);
        }
        assertThat(backend.connections()).isEqualTo(1);
    }

    @Test
    void aPipelinedRequestWaitsForTheEndOfTheBody() throws Exception {

        RawConnection client = client(balancer(completeBackend()));
        request(client, GET + GET);
        assertReceives(client, FIRST, BODY);
        assertThat(Message.readHead(client).status()).isEqualTo(200);
        assertReceives(client, 0, BODY);
    }

    // Backpressure.

    @Test
    void aSlowClientSlowsItsBackend() throws Exception {
        long total = 256L << 20;
        Flood flood = new Flood(total);
        RawConnection client = client(balancer(backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + (total + FIRST) + "\r\n\r\n");
            write(peer, 0, FIRST);
            started.await();
            flood.writeTo(peer);
        })));
        request(client, GET);
        assertThat(standstill(flood.written())).isLessThan(128L << 20);
        assertSpliced();
        client.read(64 << 20);
        assertThat(standstill(flood.written())).isGreaterThan(64 << 20);
        assertSpliced();
    }

    @Test
    void aSlowBackendIsAwaited() throws Exception {
        int pieces = 16;
        int piece = (BODY - FIRST) / pieces;
        AtomicInteger received = new AtomicInteger();
        RawConnection client = clientOf(balancer(backend("", peer -> {
            for (int i = 0; i < pieces; i++) {
                int next = i;
                await().until(() -> received.get() == next);
                int from = FIRST + i * piece;
                write(peer, from, i == pieces - 1 ? BODY : from + piece);
            }
        })));
        for (int i = 0; i < pieces; i++) {
            int from = FIRST + i * piece;
            assertReceives(client, from, i == pieces - 1 ? BODY : from + piece);
            received.incrementAndGet();
        }
        assertSpliced();
    }

    // Timeouts.

    @Test
    void aBackendThatStallsIsAFailureOfTheBackend() throws Exception {
        TestBalancer balancer = balancer(
                backend("", peer -> {
                    write(peer, FIRST, BODY / 2);
                    peer.readToEnd();
                    backendDone.countDown();
                }),
                "timeouts: {idle: 500ms}");
        RawConnection client = clientOf(balancer);
        assertThat(client.readToEnd().text()).hasSize(BODY / 2 - FIRST);
        backendDone.await();
        assertSpliced();
        awaitFailures(balancer, true);
    }

    @Test
    void aClientThatDoesNotReadIsNoFailureOfTheBackend() throws Exception {
        Path log = directory.resolve("access.log");
        TestBalancer balancer = balancer(
                backend("", peer -> {
                    write(peer, FIRST, BODY);
                    peer.readToEnd();
                    backendDone.countDown();
                }),
                "timeouts: {idle: 500ms}\naccess-log: access.log");
        clientOf(balancer);
        awaitLog(log, "\"failure\":\"idle timeout\"");
        assertSpliced();
        awaitFailures(balancer, false);
    }

    // Counts.

    @Test
    void allBytesAreCounted() throws Exception {
        Path log = directory.resolve("access.log");
        TestBalancer balancer = balancer(completeBackend(), "access-log: access.log");
        RawConnection client = clientOf(balancer);
        assertReceives(client, FIRST, BODY);
        awaitLog(log, "\"responseBytes\":" + BODY + ",");
        assertSpliced();
        awaitAdmin(balancer, "/metrics", "crowfly_response_body_bytes_total\\{.*} " + (double) BODY);
    }

    @Test
    void thePassedBytesOfABrokenBodyAreCounted() throws Exception {
        Path log = directory.resolve("access.log");
        TestBalancer balancer = balancer(
                backend("", peer -> write(peer, FIRST, BODY / 2), RawConnection::close), "access-log: access.log");
        RawConnection client = clientOf(balancer);
        assertThat(client.readToEnd().text()).hasSize(BODY / 2 - FIRST);
        awaitLog(log, "\"responseBytes\":" + BODY / 2 + ",");
    }

    // Half-closes.

    @Test
    void aClientThatHasHalfClosedReceivesTheWholeBody() throws Exception {
        CountDownLatch halfClosed = new CountDownLatch(1);
        RawConnection client = clientOf(balancer(backend("", peer -> {
            halfClosed.await();
            write(peer, FIRST, BODY);
        })));
        client.halfClose();
        halfClosed.countDown();
        assertReceives(client, FIRST, BODY);
        assertThat(client.readToEnd().text()).isEmpty();
        assertSpliced();
    }

    @Test
    void aBackendThatClosesAfterItsBodyDeliversAllOfIt() throws Exception {
        RawConnection client = clientOf(balancer(backend("Connection: close\r\n", peer -> {
            write(peer, FIRST, BODY);
            peer.halfClose();
            backendDone.countDown();
            peer.readToEnd();
        })));
        int at = FIRST;
        // The client reads only until the backend has closed, so that the last part waits in the balancer's socket.
        for (int piece = 64 * 1024; backendDone.getCount() > 0 && at + piece < BODY; at += piece) {
            assertReceives(client, at, at + piece);
        }
        backendDone.await();
        assertReceives(client, at, BODY);
    }

    @Test
    void aBackendThatClosesWithinItsBodyCutsTheResponseOff() throws Exception {
        TestBalancer balancer = balancer(backend("", peer -> write(peer, FIRST, BODY / 2), RawConnection::close));
        RawConnection client = clientOf(balancer);
        assertThat(client.readToEnd().text()).hasSize(BODY / 2 - FIRST);
        awaitFailures(balancer, true);
    }

    // Resets.

    @Test
    void aResetByTheBackendCutsTheResponseOff() throws Exception {
        CountDownLatch received = new CountDownLatch(1);
        TestBalancer balancer = balancer(backend("", peer -> write(peer, FIRST, BODY / 2), peer -> {
            received.await();
            peer.reset();
        }));
        RawConnection client = clientOf(balancer);
        assertReceives(client, FIRST, BODY / 2);
        received.countDown();
        assertThat(client.readToEnd().text()).isEmpty();
        awaitFailures(balancer, true);
    }

    @Test
    void aResetByTheClientCancelsTheRequestAtTheBackend() throws Exception {
        TestBalancer balancer = balancer(floodingBackend());
        RawConnection client = clientOf(balancer);
        client.read(BODY / 4);
        client.reset();
        backendDone.await();
        awaitFailures(balancer, false);
    }

    /** The bytes that a client has not received are still in the pipe when its connection ends. */
    @Test
    void bytesForAClientThatIsGoneReachNoOther() throws Exception {
        TestBalancer balancer = balancer(completeBackend());
        for (int i = 0; i < 3; i++) {
            clientOf(balancer).reset();
            RawConnection next = clientOf(balancer);
            assertReceives(next, FIRST, BODY);
        }
    }

    @Test
    void aClientThatClosesWhileTheBackendIsSilentCancelsTheRequest() throws Exception {
        RawConnection client = clientOf(balancer(backend("", peer -> {
            peer.readToEnd();
            backendDone.countDown();
        })));
        client.close();
        backendDone.await();
    }

    @Test
    void aShutdownCutsTheBodyOff() throws Exception {
        TestBalancer balancer = balancer(floodingBackend(), "timeouts: {drain: 1ms}");
        RawConnection client = clientOf(balancer);
        balancer.close();
        assertThat(client.readToEnd().text()).hasSizeLessThan(BODY);
        backendDone.await();
    }

    /** A backend that sends as much of its body as is read, and detects the end of its connection. */
    private TestBackend floodingBackend() throws Exception {
        return backend("", peer -> {
            try {
                write(peer, FIRST, BODY);
                peer.readToEnd();
            } finally {
                backendDone.countDown();
            }
        });
    }

    private TestBackend backend(String headers, TestBackend.ConnectionScript rest, TestBackend.ConnectionScript end)
            throws Exception {
        return backend(headers, peer -> {
            rest.run(peer);
            end.run(peer);
        });
    }

    private static void awaitLog(Path log, String text) {
        await().untilAsserted(() -> assertThat(log).content().contains(text));
    }

    private static void awaitFailures(TestBalancer balancer, boolean expected) {
        awaitAdmin(balancer, "/backends", "\"failureShare\" ?: ?0" + (expected ? "\\.0*[1-9]" : "(\\.0+)?[,\\s]"));
    }

    private static void awaitAdmin(TestBalancer balancer, String path, String pattern) {
        await().untilAsserted(() -> {
            try (RawConnection admin = RawConnection.connect(balancer.adminPort())) {
                admin.write("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
                assertThat(admin.readToEnd().text()).containsPattern(pattern);
            }
        });
    }
}
