package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestedTransports;
import io.crowfly.balancer.transport.Splice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Large bodies that must be read. */
@TestedTransports(TestedTransports.Selection.NATIVE)
class UnsplicedBodiesTest extends SpliceTestbed {

    private static final String CHAT =
            "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n";

    @AfterEach
    void reset() {
        System.clearProperty(Splice.PROPERTY);
    }

    private void assertReads(String headers, String request) throws Exception {
        RawConnection client = client(balancer(backend(headers, peer -> write(peer, FIRST, BODY))));
        request(client, request);
        assertReceives(client, FIRST, BODY);
        assertRead();
    }

    @Test
    void jsonWithUsage() throws Exception {
        String body = "{\"model\":\"m\"}";
        assertReads(
                "Content-Type: application/json\r\n", CHAT + "Content-Length: " + body.length() + "\r\n\r\n" + body);
    }

    @Test
    void jsonWithIds() throws Exception {
        assertReads(
                "Content-Type: application/json\r\n",
                "POST /v1/files HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    }

    @Test
    void eventStreams() throws Exception {
        assertReads("Content-Type: text/event-stream\r\n", GET);
    }

    @Test
    void allIfTheOperatorSaysSo() throws Exception {
        System.setProperty(Splice.PROPERTY, "false");
        assertReads("", GET);
    }

    @Test
    void bodiesOfUnknownLength() throws Exception {
        int chunks = BODY / (1 << 20) + 1;
        String chunk = "100000\r\n" + "x".repeat(1 << 20) + "\r\n";
        RawConnection client = client(balancer(backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < chunks; i++) {
                peer.write(chunk);
            }
            peer.write("0\r\n\r\n");
            peer.readToEnd();
        })));
        client.write(GET);
        assertThat(Message.readResponse(client).body()).hasSize(chunks << 20);
        assertRead();
    }
}
