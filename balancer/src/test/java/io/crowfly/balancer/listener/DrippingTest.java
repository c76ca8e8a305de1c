package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.SingleByteReads;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.Testbed;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients and backends whose lines arrive byte by byte: no read buffer is kept for a byte of a line. */
class DrippingTest extends Testbed {

    private static final String LINE = "0".repeat(3_000);

    private static final String CHUNKED = "POST /v1/files HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";

    private final SingleByteReads network = SingleByteReads.start();

    @AfterEach
    void stop() {
        network.close();
    }

    private void sendSlowly(String before, String after) throws Exception {
        RawConnection client = client(balancer(backend(OK)));
        client.write(before);
        client.write(LINE);
        await().until(() -> network.bytesRead() >= before.length() + LINE.length());
        assertThat(network.buffersInUse()).isZero();
        client.write(after);
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
    }

    private void respondSlowly(String before, String after) throws Exception {
        TestBackend backend = backend(peer -> {
            Message.readRequest(peer);
            peer.write(before);
            peer.write(LINE);
            await().until(() -> network.bytesRead() >= GET.length() + before.length() + LINE.length());
            assertThat(network.buffersInUse()).isZero();
            peer.write(after);
        });
        RawConnection client = client(balancer(backend));
        client.write(GET);
        if (before.contains(" 103 ")) {
            assertThat(Message.readHead(client).status()).isEqualTo(103);
        }
        assertThat(Message.readResponse(client).body()).isEqualTo("ok");
    }

    @Test
    void aRequestLineKeepsNoReadBuffer() throws Exception {
        sendSlowly("GET /", " HTTP/1.1\r\nHost: h\r\n\r\n");
    }

    @Test
    void aHeaderNameKeepsNoReadBuffer() throws Exception {
        sendSlowly("GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nX-", ": 2\r\n\r\n");
    }

    @Test
    void aHeaderValueKeepsNoReadBuffer() throws Exception {
        sendSlowly("GET / HTTP/1.1\r\nHost: h\r\nX-A: ", "\r\n\r\n");
    }

    @Test
    void aChunkSizeKeepsNoReadBuffer() throws Exception {
        sendSlowly(CHUNKED + "0", "5\r\nhello\r\n0\r\n\r\n");
    }

    @Test
    void aChunkExtensionKeepsNoReadBuffer() throws Exception {
        sendSlowly(CHUNKED + "5;", "\r\nhello\r\n0\r\n\r\n");
    }

    @Test
    void aTrailerKeepsNoReadBuffer() throws Exception {
        sendSlowly(CHUNKED + "0\r\nX-A: ", "\r\n\r\n");
    }

    @Test
    void aStatusLineKeepsNoReadBuffer() throws Exception {
        respondSlowly("HTTP/1.1 200 O", "\r\nContent-Length: 2\r\n\r\nok");
    }

    @Test
    void aResponseHeaderKeepsNoReadBuffer() throws Exception {
        respondSlowly("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: ", "\r\n\r\nok");
    }

    @Test
    void aChunkExtensionOfAResponseKeepsNoReadBuffer() throws Exception {
        respondSlowly("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;", "\r\nok\r\n0\r\n\r\n");
    }

    @Test
    void aTrailerOfAResponseKeepsNoReadBuffer() throws Exception {
        respondSlowly("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-A: ", "\r\n\r\n");
    }

    @Test
    void anInterimResponseKeepsNoReadBuffer() throws Exception {
        respondSlowly("HTTP/1.1 103 Early Hints\r\nX-A: ", "\r\n\r\n" + OK);
    }
}
