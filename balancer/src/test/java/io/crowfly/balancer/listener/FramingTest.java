package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestTimeout;
import io.crowfly.balancer.testbed.Testbed;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Beginning and end of messages on a connection, in both directions. */
class FramingTest extends Testbed {

    private static final String POST = "POST /v1/chat/completions HTTP/1.1\r\nHost: api.test\r\n";

    private final BlockingQueue<Message> requests = new LinkedBlockingQueue<>();

    /** A backend that sends the same response to each request and records the requests. */
    private TestBackend recording(String response) throws Exception {
        return backend(peer -> {
            while (true) {
                requests.add(Message.readRequest(peer));
                peer.write(response);
            }
        });
    }

    private Message request() throws Exception {
        Message request = requests.poll(TestTimeout.SECONDS, TimeUnit.SECONDS);
        assertThat(request).as("the request at the backend").isNotNull();
        return request;
    }

    @Test
    void servesConsecutiveRequestsOverOneConnectionOnEachSide() throws Exception {
        TestBackend backend = recording(OK);
        RawConnection client = client(balancer(backend));
        for (int i = 0; i < 3; i++) {
            client.write(GET);
            assertThat(Message.readResponse(client).body()).isEqualTo("ok");
        }
        assertThat(backend.connections()).isEqualTo(1);
    }

    @Test
    void respondsToPipelinedRequestsInOrder() throws Exception {
        TestBackend backend = backend(peer -> {
            while (true) {
                String target = Message.readRequest(peer).target();
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + target.length() + "\r\n\r\n" + target);
            }
        });
        RawConnection client = client(balancer(backend));
        client.write("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
                + "GET /3 HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(Message.readResponse(client).body()).isEqualTo("/1");
        assertThat(Message.readResponse(client).body()).isEqualTo("/2");
        assertThat(Message.readResponse(client).body()).isEqualTo("/3");
    }

    @Test
    void keepsRequestsPipelinedBehindASlowResponse() throws Exception {
        CountDownLatch mayRespond = new CountDownLatch(1);
        TestBackend backend = backend(peer -> {
            while (true) {
                String target = Message.readRequest(peer).target();
                mayRespond.await();
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + target.length() + "\r\n\r\n" + target);
            }
        });
        RawConnection client = client(balancer(backend));
        client.write("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
        backend.connection(0);
        client.write("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
        client.write("GET /3 HTTP/1.1\r\nHost: h\r\n\r\n");
        mayRespond.countDown();
        assertThat(Message.readResponse(client).body()).isEqualTo("/1");
        assertThat(Message.readResponse(client).body()).isEqualTo("/2");
        assertThat(Message.readResponse(client).body()).isEqualTo("/3");
    }

    @Test
    void passesChunksBothWaysThoughTheyComeByteByByte() throws Exception {
        TestBackend backend = backend(peer -> {
            requests.add(Message.readRequest(peer));
            for (byte b :
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"
                            .getBytes(StandardCharsets.ISO_8859_1)) {
                peer.write(new byte[] {b});
            }
        });
        RawConnection client = client(balancer(backend));
        for (byte b : (POST + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1)) {
            client.write(new byte[] {b});
        }
        assertThat(request().body()).isEqualTo("hello!");
        assertThat(Message.readResponse(client).body()).isEqualTo("abc0123456789");
    }

    @Test
    void passesTrailersBothWays() throws Exception {
        TestBackend backend =
                recording("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx-checksum: 42\r\n\r\n");
        RawConnection client = client(balancer(backend));
        client.write(POST + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx-digest: 17\r\n\r\n");
        assertThat(Message.readResponse(client).trailers()).containsExactly("x-checksum: 42");
        assertThat(request().trailers()).containsExactly("x-digest: 17");
    }

    @Test
    void respondsToHeadWithTheContentLengthAndNoBody() throws Exception {
        TestBackend backend = backend(peer -> {
            assertThat(Message.readRequest(peer).startLine()).startsWith("HEAD /v1/models ");
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n");
            Message.readRequest(peer);
            peer.write(OK);
        });
        RawConnection client = client(balancer(backend));
        client.write("HEAD /v1/models HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(Message.readHead(client).header("content-length")).isEqualTo("1234");
        client.write(GET);
        assertThat(Message.readResponse(client).body()).isEqualTo("ok");
        assertThat(backend.connections()).isEqualTo(1);
    }

    @Test
    void sends204And304WithoutABody() throws Exception {
        TestBackend backend = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 204 No Content\r\n\r\n");
            Message.readRequest(peer);
            peer.write("HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n");
            Message.readRequest(peer);
            peer.write(OK);
        });
        RawConnection client = client(balancer(backend));
        client.write(GET);
        Message noContent = Message.readResponse(client);
        assertThat(noContent.status()).isEqualTo(204);
        assertThat(noContent.has("transfer-encoding")).isFalse();
        assertThat(noContent.has("content-length")).isFalse();
        client.write(GET);
        assertThat(Message.readResponse(client).header("etag")).isEqualTo("\"1\"");
        client.write(GET);
        assertThat(Message.readResponse(client).body()).isEqualTo("ok");
    }

    @Test
    void closesAfterTheResponseToAnHttp10Client() throws Exception {
        RawConnection client = client(balancer(recording(OK)));
        client.write("GET /v1/models HTTP/1.0\r\n\r\n");
        Message response = Message.readResponse(client);
        assertThat(response.header("connection")).isEqualTo("close");
        assertThat(client.readToEnd()).isEqualTo(new RawConnection.Rest("", false));
    }

    @Test
    void keepsTheConnectionOfAnHttp10ClientOnRequest() throws Exception {
        RawConnection client = client(balancer(recording(OK)));
        for (int i = 0; i < 2; i++) {
            client.write("GET /v1/models HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            Message response = Message.readResponse(client);
            assertThat(response.header("connection")).isEqualTo("keep-alive");
            assertThat(response.body()).isEqualTo("ok");
        }
    }

    @Test
    void sendsAChunkedBodyToAnHttp10ClientUnchunkedUntilTheClose() throws Exception {
        RawConnection client = client(balancer(
                recording("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")));
        client.write("GET /v1/models HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        Message response = Message.readResponse(client);
        assertThat(response.has("transfer-encoding")).isFalse();
        assertThat(response.body()).isEqualTo("abcde");
    }

    @Test
    void chunksAResponseThatEndsWithItsConnection() throws Exception {
        RawConnection client = client(balancer(backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\n\r\nuntil ");
            peer.write("the end");
        })));
        client.write(GET);
        Message response = Message.readResponse(client);
        assertThat(response.header("transfer-encoding")).isEqualTo("chunked");
        assertThat(response.body()).isEqualTo("until the end");
        // The connection of the client stays open.
        client.write(GET);
        assertThat(Message.readResponse(client).body()).isEqualTo("until the end");
    }

    @Test
    void relaysInterimResponsesExcept100() throws Exception {
        RawConnection client = client(balancer(backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 100 Continue\r\n\r\n");
            peer.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
            peer.write(OK);
        })));
        client.write(GET);
        Message hints = Message.readHead(client);
        assertThat(hints.status()).isEqualTo(103);
        assertThat(hints.header("link")).isEqualTo("</a>");
        assertThat(Message.readResponse(client).body()).isEqualTo("ok");
    }

    @Test
    void sendsNoInterimResponseToAnHttp10Client() throws Exception {
        RawConnection client = client(balancer(recording("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK)));
        client.write("GET /v1/models HTTP/1.0\r\n\r\n");
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
    }

    @Test
    void continuesAClientThatWaitsToSendItsBody() throws Exception {
        RawConnection client = client(balancer(recording(OK)));
        client.write(POST + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        assertThat(Message.readHead(client).status()).isEqualTo(100);
        client.write("hello");
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        Message request = request();
        assertThat(request.body()).isEqualTo("hello");
        assertThat(request.has("expect")).isFalse();
    }

    @Test
    void closesWhenTheClientRequestsIt() throws Exception {
        RawConnection client = client(balancer(recording(OK)));
        client.write("GET /v1/models HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        assertThat(Message.readResponse(client).header("connection")).isEqualTo("close");
        assertThat(client.readToEnd()).isEqualTo(new RawConnection.Rest("", false));
        assertThat(request().has("connection")).isFalse();
    }

    @Test
    void keepsTheClientWhenTheBackendCloses() throws Exception {
        TestBackend backend = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        });
        RawConnection client = client(balancer(backend));
        for (int i = 0; i < 2; i++) {
            client.write(GET);
            Message response = Message.readResponse(client);
            assertThat(response.has("connection")).isFalse();
            assertThat(response.body()).isEqualTo("ok");
        }
        assertThat(backend.connections()).isEqualTo(2);
    }

    @Test
    void passesABodyOfKnownLengthWithThatLengthAndOneOfUnknownLengthInChunks() throws Exception {
        RawConnection client = client(balancer(recording(OK)));
        client.write(POST + "Content-Length: 5\r\n\r\nhello");
        Message.readResponse(client);
        client.write(POST + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        Message.readResponse(client);
        assertThat(List.of(request().header("content-length"), request().header("transfer-encoding")))
                .containsExactly("5", "chunked");
    }

    @Test
    void passesEachEventOnAsItComes() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        RawConnection client = client(balancer(backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 5; i++) {
                peer.write("9\r\ndata: " + i + "\n\n\r\n");
                // The next event is sent only after the client has received this one.
                assertThat(seen.poll(TestTimeout.SECONDS, TimeUnit.SECONDS)).isEqualTo("data: " + i + "\n\n");
            }
            peer.write("0\r\n\r\n");
        })));
        client.write(GET);
        Message.readHead(client);
        for (int i = 0; i < 5; i++) {
            assertThat(client.readLine()).isEqualTo("9");
            seen.add(client.read(9));
            assertThat(client.readLine()).isEmpty();
        }
        assertThat(client.readLine()).isEqualTo("0");
    }

    @Test
    void passesEachPieceOfABodyOnAsItComes() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        RawConnection client = client(balancer(backend(peer -> {
            peer.readHead();
            for (int i = 0; i < 5; i++) {
                seen.add(peer.read(5));
            }
            peer.write(OK);
        })));
        client.write(POST + "Content-Length: 25\r\n\r\n");
        for (int i = 0; i < 5; i++) {
            client.write("part" + i);
            assertThat(seen.poll(TestTimeout.SECONDS, TimeUnit.SECONDS)).isEqualTo("part" + i);
        }
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
    }

    @Test
    void aResponseMayBeginBeforeTheRequestBodyEnds() throws Exception {
        RawConnection client = client(balancer(backend(peer -> {
            peer.readHead();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + peer.read(5));
            peer.write(peer.read(5));
        })));
        client.write(POST + "Content-Length: 10\r\n\r\nhello");
        Message.readHead(client);
        assertThat(client.read(5)).isEqualTo("hello");
        client.write("world");
        assertThat(client.read(5)).isEqualTo("world");
    }
}
