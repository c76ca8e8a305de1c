package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Clients that close their connection, in one or both directions, and the effect at the backend. Fault T17. */
class ClientDisconnectTest extends ClientDisconnectTestbed {

    private static final String STREAM = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String EVENT = "9\r\ndata: 1\n\n\r\n";

    private final CountDownLatch mayRespond = new CountDownLatch(1);

    /** A backend that sends one event and detects the end of its connection. */
    private TestBackend streamingBackend() throws Exception {
        return backend(peer -> {
            Message.readRequest(peer);
            peer.write(STREAM + EVENT);
            peer.readToEnd();
            cancelled.countDown();
        });
    }

    @Test
    void respondsToAClientThatHasHalfClosed() throws Exception {
        RawConnection client = client(balancer(backend(peer -> {
            Message.readRequest(peer);
            mayRespond.await();
            peer.write(OK);
        })));
        client.write(GET);
        client.halfClose();
        // An interim response probes whether the client is still connected.
        assertThat(Message.readHead(client).status()).isEqualTo(100);
        mayRespond.countDown();
        RawConnection.Rest rest = client.readToEnd();
        assertThat(rest.text()).contains("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nok");
        assertThat(rest.reset()).isFalse();
    }

    @Test
    void respondsToAClientThatHasHalfClosedHoweverLongTheFirstTokenTakes() throws Exception {
        TestBalancer balancer = balancer(backend(peer -> {
            if (Message.readRequest(peer).target().equals("/silent")) {
                peer.write(STREAM);
                peer.readToEnd();
            } else {
                requested.await();
                peer.write(STREAM);
                mayRespond.await();
                peer.write(EVENT + "0\r\n\r\n");
            }
        }));
        RawConnection client = client(balancer);
        client.write(GET);
        client.halfClose();
        assertThat(Message.readHead(client).status()).isEqualTo(100);
        requested.countDown();
        while (Message.readHead(client).status() == 100) {
            // There may be a second probe.
        }
        // A client that half-closes during a response is soon treated as disconnected. Two such clients, one after the
        // other, show that the silence has lasted longer than that.
        for (int i = 0; i < 2; i++) {
            RawConnection late = client(balancer);
            late.write("GET /silent HTTP/1.1\r\nHost: h\r\n\r\n");
            Message.readHead(late);
            late.halfClose();
            assertThat(late.readToEnd().text()).isEmpty();
        }
        mayRespond.countDown();
        assertThat(client.readToEnd()).isEqualTo(new RawConnection.Rest(EVENT + "0\r\n\r\n", false));
    }

    @Test
    void respondsToAllRequestsPipelinedBeforeAHalfClose() throws Exception {
        RawConnection client = client(balancer(backend(OK)));
        client.write(GET + GET + GET);
        client.halfClose();
        assertThat(client.readToEnd().text().split("HTTP/1.1 200 OK")).hasSize(4);
    }

    @Test
    void respondsToManyRequestsPipelinedBeforeAHalfClose() throws Exception {
        String post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
        RawConnection client = client(balancer(backend(OK)));
        client.write((GET + post).repeat(100));
        client.halfClose();
        assertThat(client.readToEnd().text().split("HTTP/1.1 200 OK")).hasSize(201);
    }

    @Test
    void dropsARequestThatAHalfCloseLeftIncomplete() throws Exception {
        RawConnection client = client(balancer(backend(OK)));
        client.write(GET + "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel");
        client.halfClose();
        assertThat(client.readToEnd().text())
                .containsOnlyOnce("HTTP/1.1 200 OK\r\n")
                .endsWith("\r\n\r\nok");
    }

    @Test
    void aCloseBeforeTheResponseCancelsTheRequest() throws Exception {
        RawConnection client = client(balancer(silentBackend()));
        client.write(GET);
        requested.await();
        client.close();
        awaitCancelled();
    }

    @Test
    void aResetBeforeTheResponseCancelsTheRequest() throws Exception {
        RawConnection client = client(balancer(silentBackend()));
        client.write(GET);
        requested.await();
        client.reset();
        awaitCancelled();
    }

    @Test
    void aCloseInsideAStreamCancelsTheRequest() throws Exception {
        RawConnection client = client(balancer(streamingBackend()));
        client.write(GET);
        Message.readHead(client);
        assertThat(client.read(EVENT.length())).isEqualTo(EVENT);
        client.close();
        awaitCancelled();
    }

    @Test
    void aResetInsideAStreamCancelsTheRequest() throws Exception {
        RawConnection client = client(balancer(streamingBackend()));
        client.write(GET);
        Message.readHead(client);
        client.read(EVENT.length());
        client.reset();
        awaitCancelled();
    }

    @Test
    void aCloseInsideTheBodyCancelsTheRequest() throws Exception {
        RawConnection client = client(balancer(backend(peer -> {
            peer.readHead();
            requested.countDown();
            assertThat(peer.readToEnd().text()).doesNotContain("\r\n0\r\n\r\n");
            cancelled.countDown();
        })));
        client.write("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        requested.await();
        client.close();
        awaitCancelled();
    }
}
