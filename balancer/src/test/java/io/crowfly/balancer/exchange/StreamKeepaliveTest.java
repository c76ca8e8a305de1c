package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Token streams whose backend is silent for long, or is interrupted (faults T6, T11). */
class StreamKeepaliveTest extends Testbed {

    private static final String BODY = "{\"model\":\"m\",\"stream\":true}";
    private static final String STREAM =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String EVENT = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";

    /** A token, so that the stream is committed, and the beginning of the next event. */
    private static final String INSIDE_EVENT = EVENT + "data: {\"a\":";

    private static final String POST =
            "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
                    + BODY.length() + "\r\n\r\n" + BODY;

    private final CountDownLatch beginningReceived = new CountDownLatch(1);

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    /** Returns a client that has received the head and {@code sent} of the stream. */
    private RawConnection streamingClient(String conf, TestBackend.ConnectionScript script, String sent)
            throws Exception {
        return streamingClient(balancer(Setup.NONE.backend("a", backend(script)).withLines(conf)), sent);
    }

    private RawConnection streamingClient(TestBalancer balancer, String sent) throws Exception {
        RawConnection client = client(balancer);
        client.write(POST);
        assertThat(Message.readHead(client).status()).isEqualTo(200);
        assertThat(client.read(chunk(sent).length())).isEqualTo(chunk(sent));
        return client;
    }

    private TestBackend.ConnectionScript sending(String head, String text) {
        return peer -> {
            Message.readRequest(peer);
            peer.write(head + chunk(text));
            beginningReceived.await();
        };
    }

    @Test
    void sendsOneLineCommentsOnASilentStream() throws Exception {
        RawConnection client = streamingClient("timeouts: {keepalive: 30ms}", sending(STREAM, EVENT), EVENT);
        String ping = chunk(": ping\n");
        assertThat(client.read(2 * ping.length())).isEqualTo(ping + ping);
        beginningReceived.countDown();
    }

    @Test
    void insertsNothingInsideAnEvent() throws Exception {
        AtomicInteger streams = new AtomicInteger();
        TestBackend.ConnectionScript script = peer -> {
            Message.readRequest(peer);
            peer.write(STREAM + chunk(streams.getAndIncrement() == 0 ? INSIDE_EVENT : EVENT));
            beginningReceived.await();
            peer.write(chunk("1}\n\n") + "0\r\n\r\n");
        };
        TestBalancer balancer =
                balancer(Setup.NONE.backend("a", backend(script)).withLines("timeouts: {keepalive: 1ms}"));
        RawConnection insideEvent = streamingClient(balancer, INSIDE_EVENT);
        RawConnection atBoundary = streamingClient(balancer, EVENT);
        // The loop ticks both exchanges in turn. After two comments to one client, the other could have received one.
        assertThat(atBoundary.read(2 * chunk(": ping\n").length())).startsWith(chunk(": ping\n"));
        beginningReceived.countDown();
        assertThat(insideEvent.read(chunk("1}\n\n").length())).isEqualTo(chunk("1}\n\n"));
    }

    @Test
    void anInterruptedStreamEndsWithAnErrorEventAndWithoutAProperEnd() throws Exception {
        TestBackend.ConnectionScript resetting = peer -> {
            Message.readRequest(peer);
            peer.write(STREAM + chunk(EVENT));
            beginningReceived.await();
            peer.reset();
        };
        RawConnection client = streamingClient("", resetting, EVENT);
        beginningReceived.countDown();
        String rest = client.readToEnd().text();
        assertThat(rest)
                .contains("data: {\"error\":{", "\"code\":\"upstream_stream_interrupted\"", "}}\n\n")
                .doesNotEndWith("0\r\n\r\n");
    }

    @Test
    void aStreamInterruptedInsideAnEventIsCutOffThere() throws Exception {
        TestBackend.ConnectionScript resetting = peer -> {
            Message.readRequest(peer);
            peer.write(STREAM + chunk(INSIDE_EVENT));
            beginningReceived.await();
            peer.reset();
        };
        RawConnection client = streamingClient("", resetting, INSIDE_EVENT);
        beginningReceived.countDown();
        assertThat(client.readToEnd().text()).isEmpty();
    }

    @Test
    void insertsNothingIntoAStreamOfKnownLength() throws Exception {
        AtomicInteger streams = new AtomicInteger();
        String withLength = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: "
                + 2 * EVENT.length() + "\r\n\r\n";
        TestBackend.ConnectionScript script = peer -> {
            Message.readRequest(peer);
            boolean first = streams.getAndIncrement() == 0;
            peer.write(first ? withLength + EVENT : STREAM + chunk(EVENT));
            beginningReceived.await();
            peer.write(first ? EVENT : "0\r\n\r\n");
        };
        TestBalancer balancer =
                balancer(Setup.NONE.backend("a", backend(script)).withLines("timeouts: {keepalive: 1ms}"));
        RawConnection client = client(balancer);
        client.write(POST);
        assertThat(Message.readHead(client).header("content-length")).isEqualTo("" + 2 * EVENT.length());
        RawConnection other = streamingClient(balancer, EVENT);
        assertThat(other.read(2 * chunk(": ping\n").length())).startsWith(chunk(": ping\n"));
        beginningReceived.countDown();
        assertThat(client.read(2 * EVENT.length())).isEqualTo(EVENT + EVENT);
    }

    @Test
    void insertsNothingIntoACompressedStream() throws Exception {
        String head = STREAM.replace("Transfer", "Content-Encoding: gzip\r\nTransfer");
        TestBackend.ConnectionScript resetting = peer -> {
            Message.readRequest(peer);
            peer.write(head + chunk("gz"));
            beginningReceived.await();
            peer.reset();
        };
        RawConnection client = streamingClient("timeouts: {keepalive: 1ms}", resetting, "gz");
        beginningReceived.countDown();
        assertThat(client.readToEnd().text()).isEmpty();
    }
}
