package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Responses that end early: inside the head, or inside a body that is delimited by the connection's end. */
class BrokenResponseTest extends Testbed {

    private static final String POST =
            "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
    private static final String UNTIL_CLOSE = "HTTP/1.1 200 OK\r\n\r\n";

    /** Released when the client has received the beginning of the response. */
    private final CountDownLatch halfReceived = new CountDownLatch(1);

    private RawConnection clientOfHalfResponse(TestBackend backend) throws Exception {
        RawConnection client = client(balancer(backend));
        client.write(GET);
        assertThat(Message.readHead(client).header("transfer-encoding")).isEqualTo("chunked");
        assertThat(client.read(9)).isEqualTo("4\r\nhalf\r\n");
        halfReceived.countDown();
        return client;
    }

    @Test
    void aResponseDelimitedByCloseIsIncompleteAfterAReset() throws Exception {
        RawConnection client = clientOfHalfResponse(backend(peer -> {
            Message.readRequest(peer);
            peer.write(UNTIL_CLOSE + "half");
            halfReceived.await();
            peer.reset();
        }));
        assertThat(client.readToEnd().text()).isEmpty();
    }

    @Test
    void aResponseDelimitedByCloseIsCompleteAfterAnOrderlyClose() throws Exception {
        RawConnection client = clientOfHalfResponse(backend(peer -> {
            Message.readRequest(peer);
            peer.write(UNTIL_CLOSE + "half");
            halfReceived.await();
        }));
        assertThat(client.read(5)).isEqualTo("0\r\n\r\n");
    }

    /** A retry may be charged twice. So a request is not retried after its response has begun. */
    private void assertNotRetriedAfter(String partOfAHead) throws Exception {
        for (boolean reset : new boolean[] {true, false}) {
            TestBackend first = backend(peer -> {
                Message.readRequest(peer);
                peer.write(partOfAHead);
                if (reset) {
                    peer.reset();
                }
            });
            TestBackend second = backend(OK);
            RawConnection client =
                    client(balancer(Setup.NONE.backend("a", first).backend("b", second)));
            client.write(POST);
            Message response = Message.readResponse(client);
            assertThat(response.status()).as("reset: %s", reset).isEqualTo(502);
            assertThat(response.body()).contains("\"code\":\"upstream_failed\"");
            assertThat(first.connections()).isEqualTo(1);
            assertThat(second.connections()).isZero();
        }
    }

    @Test
    void doesNotRetryAfterHalfAStatusLine() throws Exception {
        assertNotRetriedAfter("HTTP/1.1 2");
    }

    @Test
    void doesNotRetryAfterHalfAHead() throws Exception {
        assertNotRetriedAfter("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n");
    }

    @Test
    void doesNotRetryAfterAHeadThatIsTooLong() throws Exception {
        TestBackend first = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\n" + ("x-a: " + "a".repeat(1000) + "\r\n").repeat(100) + "\r\n");
            peer.readToEnd();
        });
        TestBackend second = backend(OK);
        RawConnection client = client(balancer(Setup.NONE.backend("a", first).backend("b", second)));
        client.write(POST);
        assertThat(Message.readResponse(client).status()).isEqualTo(502);
        assertThat(second.connections()).isZero();
    }

    @Test
    void doesNotRetryAfterAResponseThatIsNotHttp() throws Exception {
        TestBackend second = backend(OK);
        RawConnection client = client(balancer(
                Setup.NONE.backend("a", backend("SSH-2.0-OpenSSH_9.2\r\n\r\n")).backend("b", second)));
        client.write(POST);
        assertThat(Message.readResponse(client).status()).isEqualTo(502);
        assertThat(second.connections()).isZero();
    }
}
