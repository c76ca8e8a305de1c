package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Flood;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RepeatedWrites;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Request bodies that arrive more slowly than {@code limits.body-rate}. */
class SlowBodyTest extends Testbed {

    private static final String POST = "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\n";
    private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";

    /** Time between two bytes of a trickling body, of which several arrive within {@code body-window}. */
    private static final Duration INTERVAL = Duration.ofMillis(20);

    private static Setup setup(TestBackend backend, String more) {
        return Setup.NONE
                .backend("a", backend, "provider: openai" + more)
                .withLines("timeouts: {body-window: 300ms}\nlimits: {body-rate: 4KiB, body-size: 1GiB}");
    }

    /** A backend that reads everything and sends no response. */
    private TestBackend readingBackend() throws Exception {
        return backend(RawConnection::readToEnd);
    }

    private static void assertRefused(RawConnection client) throws Exception {
        Message response = Message.readResponse(client);
        assertThat(response.status()).isEqualTo(408);
        assertThat(response.header("connection")).isEqualTo("close");
        assertThat(response.body()).contains("\"code\":\"request_timeout\"");
    }

    @Test
    void aBodyThatStopsGetsA408() throws Exception {
        // With models, the body waits until its model is known. Without, the body is relayed as it arrives.
        for (String models : new String[] {"", ", models: {m: n}"}) {
            TestBalancer balancer = balancer(setup(readingBackend(), models));
            Map<String, RawConnection> clients = new LinkedHashMap<>();
            for (String start : new String[] {
                POST + "Content-Length: 100\r\n\r\n",
                POST + "Content-Length: 100\r\n\r\n{\"mod",
                POST + "Content-Length: 100\r\nExpect: 100-continue\r\n\r\n",
                CHUNKED + "5\r\n{\"mod\r\n",
                CHUNKED + "5",
                CHUNKED + "5;extension=",
                CHUNKED + "5\r\n{\"mod\r\n0\r\nX-Trailer: "
            }) {
                RawConnection client = client(balancer);
                client.write(start);
                if (start.contains("Expect")) {
                    assertThat(Message.readHead(client).status()).isEqualTo(100);
                }
                clients.put(start, client);
            }
            for (RawConnection client : clients.values()) {
                assertRefused(client);
            }
        }
    }

    @Test
    void aBodyThatTricklesGetsA408() throws Exception {
        TestBalancer balancer = balancer(setup(readingBackend(), ""));
        RawConnection plain = client(balancer);
        plain.write(POST + "Content-Length: 100000\r\n\r\n");
        RawConnection chunked = client(balancer);
        chunked.write(CHUNKED);
        closing(RepeatedWrites.start(plain, "x", INTERVAL));
        closing(RepeatedWrites.start(chunked, "1\r\nx\r\n", INTERVAL));
        assertRefused(plain);
        assertRefused(chunked);
    }

    @Test
    void theRestOfABodyIsNotAwaitedForeverAfterAnEarlyResponse() throws Exception {
        RawConnection client = client(balancer(setup(
                backend(peer -> {
                    peer.readHead();
                    peer.write(OK);
                    peer.readToEnd();
                }),
                "")));
        client.write(POST + "Content-Length: 100\r\n\r\nhello");
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        assertThat(client.readToEnd()).isEqualTo(new RawConnection.Rest("", false));
    }

    @Test
    void aSlowBackendIsNotItsClientsFault() throws Exception {
        int total = 256 << 20;
        Flood flood = new Flood(total);
        CountDownLatch mayRespond = new CountDownLatch(1);
        TestBackend backend = backend(peer -> {
            if (peer.readHead().contains("chunked")) {
                peer.readToEnd();
            }
            mayRespond.await();
            peer.write(OK);
        });
        TestBalancer balancer = balancer(setup(backend, ""));
        RawConnection client = client(balancer);
        client.write(POST + "Content-Length: " + total + "\r\n\r\n");
        Thread sending = flood.startTo(client);
        assertThat(standstill(flood.written())).isLessThan(total);
        // Two slow clients, one after the other, show that more than a window has passed.
        for (int i = 0; i < 2; i++) {
            RawConnection slow = client(balancer);
            slow.write(CHUNKED);
            assertRefused(slow);
        }
        mayRespond.countDown();
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        sending.join();
    }
}
