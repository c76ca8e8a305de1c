package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Flood;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Timeouts, backpressure, the limit of connections, and Unix sockets. */
class TimeoutsAndLimitsTest extends Testbed {

    private static final String POST = "POST / HTTP/1.1\r\nHost: h\r\n";

    private TestBalancer balancerWithTimeouts(TestBackend backend, String timeouts) throws Exception {
        return balancer(Setup.NONE.backend("a", backend).withLines("timeouts: " + timeouts));
    }

    private TestBackend silentBackend() throws Exception {
        return backend(peer -> {
            Message.readRequest(peer);
            peer.readToEnd();
        });
    }

    @Test
    void respondsWith504AfterTheFirstByteTimeoutWithoutARetry() throws Exception {
        TestBackend other = backend(OK);
        RawConnection client = client(balancer(Setup.NONE
                .backend("a", silentBackend())
                .backend("b", other)
                .withLines("timeouts: {first-byte: 200ms}")));
        client.write(GET);
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(504);
        assertThat(response.body()).contains("\"code\":\"upstream_timeout\"");
        assertThat(other.connections()).isZero();
    }

    @Test
    void theIdleTimeoutDoesNotApplyWhileWaitingForTheFirstByte() throws Exception {
        CountDownLatch idlePassed = new CountDownLatch(1);
        TestBackend backend = backend(peer -> {
            Message.readRequest(peer);
            idlePassed.await();
            peer.write(OK);
        });
        TestBalancer balancer = balancerWithTimeouts(backend, "{first-byte: 30s, idle: 500ms}");
        RawConnection idle = client(balancer);
        RawConnection client = client(balancer);
        client.write(GET);
        backend.connection(0);
        // Two silent connections, one after the other, show that the idle timeout has passed.
        assertThat(idle.readToEnd().text()).isEmpty();
        assertThat(client(balancer).readToEnd().text()).isEmpty();
        idlePassed.countDown();
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
    }

    @Test
    void respondsWith408WhenTheRequestBodyStalls() throws Exception {
        RawConnection client = client(balancerWithTimeouts(silentBackend(), "{idle: 500ms}"));
        client.write(POST + "Content-Length: 10\r\n\r\nhello");
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(408);
        assertThat(response.header("connection")).isEqualTo("close");
    }

    @Test
    void cutsTheResponseOffWhenItStalls() throws Exception {
        RawConnection client = client(balancerWithTimeouts(
                backend(peer -> {
                    Message.readRequest(peer);
                    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
                    peer.readToEnd();
                }),
                "{idle: 500ms}"));
        client.write(GET);
        assertThat(client.readToEnd().text()).endsWith("\r\n\r\nhello");
    }

    @Test
    void closesAConnectionThatIsIdleBetweenRequests() throws Exception {
        RawConnection client = client(balancerWithTimeouts(backend(OK), "{idle: 500ms}"));
        client.write(GET);
        Message.readResponse(client);
        assertThat(client.readToEnd()).isEqualTo(new RawConnection.Rest("", false));
    }

    @Test
    void goesOnToTheNextBackendWhenConnectingTakesTooLong() throws Exception {
        // Nothing accepts connections here, and the queue is full: connecting neither succeeds nor fails.
        ServerSocket full = closing(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        for (int i = 0; i < 2; i++) {
            closing(new Socket(full.getInetAddress(), full.getLocalPort()));
        }
        RawConnection client = client(balancer(Setup.NONE
                .backend("{name: a, provider: openai, url: \"http://127.0.0.1:" + full.getLocalPort() + "\"}")
                .backend("b", backend(OK))
                .withLines("timeouts: {connect: 1s}")));
        client.write(GET);
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
    }

    @Test
    void aSlowClientSlowsItsBackend() throws Exception {
        long total = 256L << 20;
        Flood flood = new Flood(total);
        RawConnection client = client(balancer(backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + total + "\r\n\r\n");
            flood.writeTo(peer);
        })));
        client.write(GET);
        Message.readHead(client);
        assertThat(standstill(flood.written())).isLessThan(128L << 20);
        client.close();
    }

    @Test
    void aSlowBackendSlowsItsClient() throws Exception {
        long total = 256L << 20;
        CountDownLatch over = new CountDownLatch(1);
        Flood flood = new Flood(total);
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", backend(peer -> {
                    peer.readHead();
                    over.await();
                }))
                .withLines("limits: {body-size: 1GiB}"));
        RawConnection client = client(balancer);
        client.write(POST + "Content-Length: " + total + "\r\n\r\n");
        Thread sending = flood.startTo(client);
        assertThat(standstill(flood.written())).isLessThan(128L << 20);
        client.close();
        over.countDown();
        sending.join();
    }

    @Test
    void stopsReadingFromAClientThatPipelinesWithoutReading() throws Exception {
        int requests = 800;
        String response = "HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n" + "x".repeat(4096);
        AtomicLong arrived = new AtomicLong();
        TestBackend backend = backend(peer -> {
            while (true) {
                Message.readRequest(peer);
                arrived.incrementAndGet();
                peer.write(response);
            }
        });
        // A Unix socket's buffer is small and does not grow.
        RawConnection client = closing(RawConnection.connect(onUnixSocket(backend)));
        client.write(GET.repeat(requests));
        assertThat(standstill(arrived)).isLessThan(requests / 2);
        for (int i = 0; i < requests; i++) {
            assertThat(Message.readResponse(client).status()).isEqualTo(200);
        }
        assertThat(arrived).hasValue(requests);
    }

    @Test
    void acceptsNoMoreConnectionsThanTheLimit() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE.backend("a", backend(OK)).withLines("limits: {connections: 2}"));
        RawConnection first = client(balancer);
        RawConnection second = client(balancer);
        for (RawConnection client : new RawConnection[] {first, second}) {
            client.write(GET);
            assertThat(Message.readResponse(client).status()).isEqualTo(200);
        }
        assertThat(client(balancer).readToEnd().text()).isEmpty();
        first.close();
        await().ignoreExceptions().until(() -> {
            try (RawConnection third = balancer.client()) {
                third.write(GET);
                return Message.readResponse(third).status() == 200;
            }
        });
    }

    /** Returns the socket's path, which is short because it must fit into 108 bytes. */
    private Path onUnixSocket(TestBackend backend) throws Exception {
        Path socket = directory.resolve("s");
        balancer(Setup.NONE.backend("a", backend).listeners("{name: local, bind: \"unix:" + socket + "\"}"));
        return socket;
    }

    @Test
    void listensOnAUnixSocket() throws Exception {
        RawConnection client = closing(RawConnection.connect(onUnixSocket(backend(OK))));
        for (int i = 0; i < 2; i++) {
            client.write(GET);
            assertThat(Message.readResponse(client).body()).isEqualTo("ok");
        }
    }
}
