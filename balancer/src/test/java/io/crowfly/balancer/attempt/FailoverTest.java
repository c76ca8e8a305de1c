package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBackend.ConnectionScript;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Failover of requests when a backend fails. Backends are tried in their order. Faults T3, T6, T15, T16. */
class FailoverTest extends Testbed {

    private static final String POST = "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\n";

    private static final ConnectionScript RESET_WITHOUT_RESPONSE = peer -> {
        Message.readRequest(peer);
        peer.reset();
    };

    private TestBalancer balancer(TestBackend first, TestBackend second) throws Exception {
        return balancer(Setup.NONE.backend("a", first).backend("b", second));
    }

    private static void assertError(Message response, int status, String code) {
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.header("content-type")).isEqualTo("application/json");
        assertThat(response.body())
                .matches("\\{\"error\":\\{\"message\":\".+\",\"type\":\".+\",\"code\":\"" + code
                        + "\",\"param\":null}}");
    }

    @Test
    void goesToTheNextBackendWhenTheFirstRefusesTheConnection() throws Exception {
        TestBackend first = backend(OK);
        TestBalancer balancer = balancer(first, backend(OK));
        first.refuseConnections();
        RawConnection client = client(balancer);
        client.write(POST + "Content-Length: 5\r\n\r\nhello");
        assertThat(Message.readResponse(client).body()).isEqualTo("ok");
    }

    @Test
    void sendsTheCompleteBodyToTheNextBackendWhenTheFirstResets() throws Exception {
        AtomicReference<Message> arrived = new AtomicReference<>();
        TestBackend second = backend(peer -> {
            arrived.set(Message.readRequest(peer));
            peer.write(OK);
        });
        RawConnection client = client(balancer(backend(RESET_WITHOUT_RESPONSE), second));
        String body = "0123456789".repeat(20_000);
        client.write(POST + "Content-Length: " + body.length() + "\r\n\r\n" + body);
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        assertThat(arrived.get().body()).isEqualTo(body);
    }

    @Test
    void sendsChunksAndTrailersAgain() throws Exception {
        AtomicReference<Message> arrived = new AtomicReference<>();
        TestBackend second = backend(peer -> {
            arrived.set(Message.readRequest(peer));
            peer.write(OK);
        });
        RawConnection client = client(balancer(backend(RESET_WITHOUT_RESPONSE), second));
        client.write(POST + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 1\r\n\r\n");
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        assertThat(arrived.get().body()).isEqualTo("hello");
        assertThat(arrived.get().trailers()).containsExactly("x-sum: 1");
    }

    @Test
    void failsWhenEveryBackendResets() throws Exception {
        RawConnection client = client(balancer(backend(RESET_WITHOUT_RESPONSE), backend(RESET_WITHOUT_RESPONSE)));
        client.write(GET);
        assertError(Message.readResponse(client), 502, "upstream_failed");
        // The client's connection stays open.
        client.write(GET);
        assertError(Message.readResponse(client), 502, "upstream_failed");
    }

    /** Returns the body of the error when these backends refuse connections. */
    private String errorWithout(String code, Setup setup, TestBackend... unreachable) throws Exception {
        RawConnection client = client(balancer(setup));
        for (TestBackend backend : unreachable) {
            backend.refuseConnections();
        }
        client.write(GET);
        Message response = Message.readResponse(client);
        assertError(response, 502, code);
        return response.body();
    }

    @Test
    void distinguishesOneFailedBackendFromNoReachableBackend() throws Exception {
        TestBackend a = backend(OK);
        TestBackend b = backend(OK);
        assertThat(errorWithout(
                        "no_backend_reachable", Setup.NONE.backend("a", a).backend("b", b), a, b))
                .contains("\"No backend can be reached at the moment.\"");
        TestBackend c = backend(OK);
        Setup oneFails = Setup.NONE.backend("c", c).backend("d", backend(RESET_WITHOUT_RESPONSE));
        assertThat(errorWithout("upstream_failed", oneFails, c))
                .contains("\"2 attempts at backends failed, the last one: closed before a response.\"");
        TestBackend e = backend(OK);
        Setup oneAttempt =
                Setup.NONE.backend("e", e).backend("f", backend(OK)).withLines("routing: {retry: {attempts: 1}}");
        assertThat(errorWithout("upstream_failed", oneAttempt, e)).contains("\"One backend failed: no connection.\"");
    }

    @Test
    void namesTheRuleThatConfinesARequestWhoseBackendsFail() throws Exception {
        String rule = "routing: {rules: [{name: eu, when: {path: /v1/models}, only: {backends: [a]}}]}";
        TestBackend a = backend(OK);
        Setup unreachable = Setup.NONE.backend("a", a).backend("b", backend(OK)).withLines(rule);
        assertThat(errorWithout("no_backend_reachable", unreachable, a))
                .contains("\"No backend that the routing rule `eu` allows can be reached at the moment.\"");
        Setup failing = Setup.NONE
                .backend("a", backend(RESET_WITHOUT_RESPONSE))
                .backend("b", backend(OK))
                .withLines(rule);
        assertThat(errorWithout("upstream_failed", failing))
                .contains("\"One backend failed: closed before a response. The routing rule `eu` limits the backends "
                        + "for this request.\"");
    }

    @Test
    void makesNoMoreAttemptsThanTheConfAllows() throws Exception {
        TestBackend third = backend(OK);
        RawConnection client = client(balancer(Setup.NONE
                .backend("a", backend(RESET_WITHOUT_RESPONSE))
                .backend("b", backend(RESET_WITHOUT_RESPONSE))
                .backend("c", third)
                .withLines("routing: {retry: {attempts: 2}}")));
        client.write(GET);
        assertError(Message.readResponse(client), 502, "upstream_failed");
        assertThat(third.connections()).isZero();
    }

    @Test
    void doesNotRetryABodyLargerThanTheHeldSize() throws Exception {
        TestBackend first = backend(peer -> {
            peer.readHead();
            peer.read(64 * 1024);
            peer.reset();
        });
        TestBackend second = backend(OK);
        RawConnection client = client(
                balancer(Setup.NONE.backend("a", first).backend("b", second).withLines("limits: {held-size: 4KiB}")));
        client.write(POST + "Content-Length: 100000\r\n\r\n" + "x".repeat(100_000));
        assertError(Message.readResponse(client), 502, "upstream_failed");
        assertThat(second.connections()).isZero();
    }

    @Test
    void repeatsOnANewConnectionWhenAnIdleOneIsClosedAsTheRequestIsWritten() throws Exception {
        CountDownLatch firstConnection = new CountDownLatch(1);
        TestBackend only = backend(peer -> {
            boolean first = firstConnection.getCount() > 0;
            firstConnection.countDown();
            Message.readRequest(peer);
            peer.write(OK);
            Message.readRequest(peer);
            if (first) {
                peer.reset();
            } else {
                peer.write(OK);
            }
        });
        RawConnection client =
                client(balancer(Setup.NONE.backend("a", only).withLines("routing: {retry: {attempts: 1}}")));
        for (int i = 0; i < 3; i++) {
            client.write(GET);
            assertThat(Message.readResponse(client).status()).isEqualTo(200);
        }
        assertThat(only.connections()).isEqualTo(2);
    }

    @Test
    void opensANewConnectionAfterTheBackendClosedAnIdleOne() throws Exception {
        TestBackend only = backend(peer -> {
            Message.readRequest(peer);
            peer.write(OK);
        });
        RawConnection client = client(balancer(only));
        for (int i = 0; i < 5; i++) {
            client.write(GET);
            assertThat(Message.readResponse(client).status()).isEqualTo(200);
        }
    }

    @Test
    void cutsTheResponseOffWhenTheBackendResetsInsideChunks() throws Exception {
        RawConnection client = client(balancer(backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n");
            peer.reset();
        })));
        client.write(GET);
        RawConnection.Rest rest = client.readToEnd();
        assertThat(rest.text()).startsWith("HTTP/1.1 200 OK\r\n").doesNotContain("\r\n0\r\n");
    }

    @Test
    void cutsTheResponseOffWhenTheBackendClosesBeforeTheContentLength() throws Exception {
        RawConnection client = client(balancer(backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
        })));
        client.write(GET);
        assertThat(Message.readHead(client).header("content-length")).isEqualTo("100");
        assertThat(client.readToEnd().text().length()).isLessThan(100);
    }

    @Test
    void resetsTheConnectionOfAnHttp10ClientAfterAnIncompleteResponse() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        RawConnection client = client(balancer(backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
            seen.await();
            peer.reset();
        })));
        client.write("GET / HTTP/1.0\r\n\r\n");
        Message.readHead(client);
        assertThat(client.read(3)).isEqualTo("abc");
        seen.countDown();
        assertThat(client.readToEnd().reset()).isTrue();
    }

    @Test
    void respondsWith502WhenTheBackendDoesNotSpeakHttp() throws Exception {
        RawConnection client = client(balancer(backend(peer -> {
            Message.readRequest(peer);
            peer.write("SSH-2.0-OpenSSH_9.2\r\nfull of surprises\r\n\r\n");
            peer.readToEnd();
        })));
        client.write(GET);
        assertError(Message.readResponse(client), 502, "upstream_failed");
    }

    @Test
    void dataBeyondAResponseIsNotSentToAnotherRequest() throws Exception {
        for (String extra : new String[] {
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n",
            "HTTP/1.1 200 OK\r\nX-Evil: ",
            "HTTP/1.1 2",
            "evil"
        }) {
            TestBackend backend = backend(peer -> {
                Message.readRequest(peer);
                peer.write(OK + extra);
                Message.readRequest(peer);
                peer.write(OK);
            });
            RawConnection client = client(balancer(backend));
            for (int i = 0; i < 2; i++) {
                client.write(GET);
                Message response = Message.readResponse(client);
                assertThat(response.startLine()).as("after " + extra).isEqualTo("HTTP/1.1 200 OK");
                assertThat(response.body()).isEqualTo("ok");
                assertThat(response.has("x-evil")).isFalse();
            }
            assertThat(backend.connections())
                    .as("a connection with extra data is not reused")
                    .isEqualTo(2);
        }
    }

    @Test
    void respondsWith503AndRetryAfterWhenNoBackendIsHealthy() throws Exception {
        TestBackend gone = backend(OK);
        gone.close();
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", gone)
                .probes("{tcp: {}, interval: 20ms, unhealthy-after: 1}")
                .withLines("routing: {panic: false}"));
        RawConnection client = client(balancer);
        await().until(() -> {
            client.write(GET);
            return Message.readResponse(client).status() == 503;
        });
        client.write(GET);
        Message response = Message.readResponse(client);
        assertError(response, 503, "no_healthy_backend");
        assertThat(response.header("retry-after")).isEqualTo("1");
    }

    @Test
    void deliversAResponseThatArrivesDuringTheBody() throws Exception {
        TestBackend backend = backend(peer -> {
            peer.readHead();
            peer.write("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 4\r\nConnection: close\r\n\r\nslow");
            // The script ends with most of the body unread, so the kernel resets the connection.
        });
        TestBalancer balancer = balancer(backend);
        for (int i = 0; i < 5; i++) {
            RawConnection client = client(balancer);
            client.write(POST + "Content-Length: 50000000\r\n\r\n" + "x".repeat(300_000));
            Message response = Message.readResponse(client);
            assertThat(response.status()).isEqualTo(429);
            assertThat(response.body()).isEqualTo("slow");
            assertThat(response.header("connection")).isEqualTo("close");
        }
    }

    @Test
    void servesTheNextRequestAfterAnEarlyResponseToAShortBody() throws Exception {
        CountDownLatch responded = new CountDownLatch(1);
        TestBackend backend = backend(peer -> {
            if (peer.readHead().startsWith("POST")) {
                peer.write("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 4\r\n\r\nslow");
                responded.countDown();
                peer.readToEnd();
            } else {
                peer.write(OK);
            }
        });
        RawConnection client = client(balancer(backend));
        client.write(POST + "Content-Length: 10\r\n\r\nhello");
        responded.await();
        assertThat(Message.readResponse(client).status()).isEqualTo(429);
        client.write("later" + GET);
        assertThat(Message.readResponse(client).body()).isEqualTo("ok");
    }

    /** On io_uring one such reset in fifty was not detected; see Transport. */
    @Test
    void detectsAResetThatArrivesTogetherWithData() throws Exception {
        TestBackend backend = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
            peer.reset();
        });
        TestBalancer balancer = balancer(Setup.NONE.backend("a", backend));
        for (int i = 0; i < 300; i++) {
            RawConnection client = client(balancer);
            client.write(POST + "Content-Length: 5\r\n\r\nhello");
            assertThat(client.readToEnd().text()).as("response %d", i).doesNotContain("\r\n0\r\n");
            client.close();
        }
    }
}
