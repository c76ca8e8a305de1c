package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Answers that end early: in their heads, or where nothing but the end of the connection says that they are whole. */
class BrokenResponseTest extends Testbed {

    private static final String POST =
            "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
    private static final String UNTIL_CLOSE = "HTTP/1.1 200 OK\r\n\r\n";

    /** Once the client has the beginning, so that there is something to break off. */
    private final CountDownLatch seen = new CountDownLatch(1);

    private RawConnection half(TestBackend backend) throws Exception {
        RawConnection client = client(balancer(backend));
        client.write(GET);
        assertThat(Message.readHead(client).header("transfer-encoding")).isEqualTo("chunked");
        assertThat(client.read(9)).isEqualTo("4\r\nhalf\r\n");
        seen.countDown();
        return client;
    }

    @Test
    void anAnswerThatIsToldWholeByItsCloseIsNotWholeAfterAReset() throws Exception {
        RawConnection client = half(backend(peer -> {
            Message.readRequest(peer);
            peer.write(UNTIL_CLOSE + "half");
            seen.await();
            peer.reset();
        }));
        assertThat(client.readToEnd().text()).isEmpty();
    }

    @Test
    void anAnswerThatIsToldWholeByItsCloseIsWholeAfterAnOrderlyOne() throws Exception {
        RawConnection client = half(backend(peer -> {
            Message.readRequest(peer);
            peer.write(UNTIL_CLOSE + "half");
            seen.await();
        }));
        assertThat(client.read(5)).isEqualTo("0\r\n\r\n");
    }

    /** What is sent again may be paid for twice: only a request that nobody has begun to answer is. */
    private void assertNotSentAgainAfter(String partOfAHead) throws Exception {
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
            Message answer = Message.readResponse(client);
            assertThat(answer.status()).as("reset: %s", reset).isEqualTo(502);
            assertThat(answer.body()).contains("\"code\":\"upstream_failed\"");
            assertThat(first.connections()).isEqualTo(1);
            assertThat(second.connections()).isZero();
        }
    }

    @Test
    void aRequestIsNotSentAgainAfterHalfAStatusLine() throws Exception {
        assertNotSentAgainAfter("HTTP/1.1 2");
    }

    @Test
    void aRequestIsNotSentAgainAfterHalfAHead() throws Exception {
        assertNotSentAgainAfter("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n");
    }

    @Test
    void aRequestIsNotSentAgainAfterAHeadThatIsTooLong() throws Exception {
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
    void aRequestIsNotSentAgainAfterWhatIsNoHttp() throws Exception {
        TestBackend second = backend(OK);
        RawConnection client = client(balancer(
                Setup.NONE.backend("a", backend("SSH-2.0-OpenSSH_9.2\r\n\r\n")).backend("b", second)));
        client.write(POST);
        assertThat(Message.readResponse(client).status()).isEqualTo(502);
        assertThat(second.connections()).isZero();
    }
}
