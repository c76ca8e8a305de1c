package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.Testbed;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Clients that say goodbye, in part or altogether, and what their backends notice of it. Fault T17. */
class ClientDisconnectTest extends Testbed {

    private static final String STREAM = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String EVENT = "9\r\ndata: 1\n\n\r\n";

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch mayAnswer = new CountDownLatch(1);
    private final CountDownLatch cancelled = new CountDownLatch(1);

    /** Says nothing, and notices when its connection ends. */
    private TestBackend thinking() throws Exception {
        return backend(peer -> {
            Message.readRequest(peer);
            asked.countDown();
            peer.readToEnd();
            cancelled.countDown();
        });
    }

    /** Says one event, and notices when its connection ends. */
    private TestBackend streaming() throws Exception {
        return backend(peer -> {
            Message.readRequest(peer);
            peer.write(STREAM + EVENT);
            peer.readToEnd();
            cancelled.countDown();
        });
    }

    private void awaitCancelled() {
        await().until(() -> cancelled.getCount() == 0);
    }

    @Test
    void answersAClientThatHasClosedItsHalf() throws Exception {
        RawConnection client = client(balancer(backend(peer -> {
            Message.readRequest(peer);
            mayAnswer.await();
            peer.write(OK);
        })));
        client.write(GET);
        client.halfClose();
        // It is asked whether it is still there.
        assertThat(Message.readHead(client).status()).isEqualTo(100);
        mayAnswer.countDown();
        RawConnection.Rest rest = client.readToEnd();
        assertThat(rest.text()).contains("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nok");
        assertThat(rest.reset()).isFalse();
    }

    @Test
    void answersAClientThatHasClosedItsHalfHoweverLongTheFirstTokenTakes() throws Exception {
        TestBalancer balancer = balancer(backend(peer -> {
            if (Message.readRequest(peer).target().equals("/silent")) {
                peer.write(STREAM);
                peer.readToEnd();
            } else {
                asked.await();
                peer.write(STREAM);
                mayAnswer.await();
                peer.write(EVENT + "0\r\n\r\n");
            }
        }));
        RawConnection client = client(balancer);
        client.write(GET);
        client.halfClose();
        assertThat(Message.readHead(client).status()).isEqualTo(100);
        asked.countDown();
        while (Message.readHead(client).status() == 100) {
            // It may have been asked twice.
        }
        // Whoever says goodbye in the middle of an answer is soon taken for gone: two of them, one after the other,
        // tell
        // that the silence has been longer than that.
        for (int i = 0; i < 2; i++) {
            RawConnection late = client(balancer);
            late.write("GET /silent HTTP/1.1\r\nHost: h\r\n\r\n");
            Message.readHead(late);
            late.halfClose();
            assertThat(late.readToEnd().text()).isEmpty();
        }
        mayAnswer.countDown();
        assertThat(client.readToEnd()).isEqualTo(new RawConnection.Rest(EVENT + "0\r\n\r\n", false));
    }

    @Test
    void answersAllThatAClientPipelinedBeforeItClosedItsHalf() throws Exception {
        RawConnection client = client(balancer(backend(OK)));
        client.write(GET + GET + GET);
        client.halfClose();
        assertThat(client.readToEnd().text().split("HTTP/1.1 200 OK")).hasSize(4);
    }

    @Test
    void givesUpARequestThatWasCutOffByTheCloseOfAHalf() throws Exception {
        RawConnection client = client(balancer(backend(OK)));
        client.write(GET + "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel");
        client.halfClose();
        assertThat(client.readToEnd().text())
                .containsOnlyOnce("HTTP/1.1 200 OK\r\n")
                .endsWith("\r\n\r\nok");
    }

    @Test
    void aClientThatClosesBeforeTheAnswerCancelsItsRequest() throws Exception {
        RawConnection client = client(balancer(thinking()));
        client.write(GET);
        asked.await();
        client.close();
        awaitCancelled();
    }

    @Test
    void aClientThatResetsBeforeTheAnswerCancelsItsRequest() throws Exception {
        RawConnection client = client(balancer(thinking()));
        client.write(GET);
        asked.await();
        client.reset();
        awaitCancelled();
    }

    @Test
    void aClientThatHasClosedItsHalfAndIsTrustedCancelsItsRequestWhenItResets() throws Exception {
        // NIO can't ask the kernel: there the answer's bytes find out.
        assumeThat(transport).isNotEqualTo("nio");
        RawConnection client = client(balancer(thinking()));
        client.write(GET);
        client.halfClose();
        for (int i = 0; i < 2; i++) {
            assertThat(Message.readHead(client).status()).isEqualTo(100);
        }
        client.reset();
        awaitCancelled();
    }

    @Test
    void aClientThatClosesInsideAStreamCancelsItsRequest() throws Exception {
        RawConnection client = client(balancer(streaming()));
        client.write(GET);
        Message.readHead(client);
        assertThat(client.read(EVENT.length())).isEqualTo(EVENT);
        client.close();
        awaitCancelled();
    }

    @Test
    void aClientThatResetsInsideAStreamCancelsItsRequest() throws Exception {
        RawConnection client = client(balancer(streaming()));
        client.write(GET);
        Message.readHead(client);
        client.read(EVENT.length());
        client.reset();
        awaitCancelled();
    }

    @Test
    void aClientThatClosesInsideItsBodyCancelsItsRequest() throws Exception {
        RawConnection client = client(balancer(backend(peer -> {
            peer.readHead();
            asked.countDown();
            assertThat(peer.readToEnd().text()).doesNotContain("\r\n0\r\n\r\n");
            cancelled.countDown();
        })));
        client.write("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        asked.await();
        client.close();
        awaitCancelled();
    }

    @Test
    void aClientThatLeavesWithAnotherRequestPipelinedCancelsBoth() throws Exception {
        // NIO has no event for a peer that closed while nothing is read: it is noticed by the next write.
        assumeThat(transport).isNotEqualTo("nio");
        TestBackend backend = thinking();
        RawConnection client = client(balancer(backend));
        client.write(GET);
        asked.await();
        client.write(GET);
        client.close();
        awaitCancelled();
        assertThat(backend.connections()).isEqualTo(1);
    }
}
