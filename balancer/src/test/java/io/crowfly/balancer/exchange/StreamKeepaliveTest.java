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

/** Token streams whose backend is silent for long, or breaks off (PROVIDERS T6, T11). */
class StreamKeepaliveTest extends Testbed {

    private static final String BODY = "{\"model\":\"m\",\"stream\":true}";
    private static final String STREAM =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String EVENT = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";

    private static final String POST =
            "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
                    + BODY.length() + "\r\n\r\n" + BODY;

    private final CountDownLatch seen = new CountDownLatch(1);

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    /** A client that has the head, and {@code sent} of the stream. */
    private RawConnection streaming(String more, TestBackend.ConnectionScript script, String sent) throws Exception {
        return streaming(balancer(Setup.NONE.backend("a", backend(script)).withLines(more)), sent);
    }

    private RawConnection streaming(TestBalancer balancer, String sent) throws Exception {
        RawConnection client = client(balancer);
        client.write(POST);
        assertThat(Message.readHead(client).status()).isEqualTo(200);
        assertThat(client.read(chunk(sent).length())).isEqualTo(chunk(sent));
        return client;
    }

    private TestBackend.ConnectionScript sends(String head, String text) {
        return peer -> {
            Message.readRequest(peer);
            peer.write(head + chunk(text));
            seen.await();
        };
    }

    @Test
    void aSilentStreamIsKeptAliveByCommentsOfOneLine() throws Exception {
        RawConnection client = streaming("timeouts: {keepalive: 30ms}", sends(STREAM, EVENT), EVENT);
        String ping = chunk(": ping\n");
        assertThat(client.read(2 * ping.length())).isEqualTo(ping + ping);
        seen.countDown();
    }

    @Test
    void nothingIsPutIntoTheMiddleOfAnEvent() throws Exception {
        AtomicInteger streams = new AtomicInteger();
        TestBackend.ConnectionScript script = peer -> {
            Message.readRequest(peer);
            peer.write(STREAM + chunk(streams.getAndIncrement() == 0 ? "data: {\"a\":" : EVENT));
            seen.await();
            peer.write(chunk("1}\n\n") + "0\r\n\r\n");
        };
        TestBalancer balancer =
                balancer(Setup.NONE.backend("a", backend(script)).withLines("timeouts: {keepalive: 1ms}"));
        RawConnection half = streaming(balancer, "data: {\"a\":");
        RawConnection whole = streaming(balancer, EVENT);
        // The loop looks at both in turn: what has been sent to the one twice could have been sent to the other.
        assertThat(whole.read(2 * chunk(": ping\n").length())).startsWith(chunk(": ping\n"));
        seen.countDown();
        assertThat(half.read(chunk("1}\n\n").length())).isEqualTo(chunk("1}\n\n"));
    }

    @Test
    void aStreamThatBreaksEndsInAnErrorEventAndNotInDueForm() throws Exception {
        TestBackend.ConnectionScript breaks = peer -> {
            Message.readRequest(peer);
            peer.write(STREAM + chunk(EVENT));
            seen.await();
            peer.reset();
        };
        RawConnection client = streaming("", breaks, EVENT);
        seen.countDown();
        String rest = client.readToEnd().text();
        assertThat(rest)
                .contains("data: {\"error\":{", "\"code\":\"upstream_stream_interrupted\"", "}}\n\n")
                .doesNotEndWith("0\r\n\r\n");
    }

    @Test
    void aStreamThatBreaksInTheMiddleOfAnEventIsBrokenOffThere() throws Exception {
        TestBackend.ConnectionScript breaks = peer -> {
            Message.readRequest(peer);
            peer.write(STREAM + chunk("data: {\"a\":"));
            seen.await();
            peer.reset();
        };
        RawConnection client = streaming("", breaks, "data: {\"a\":");
        seen.countDown();
        assertThat(client.readToEnd().text()).isEmpty();
    }

    @Test
    void nothingIsPutIntoAStreamWhoseLengthIsTold() throws Exception {
        AtomicInteger streams = new AtomicInteger();
        String told = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: " + 2 * EVENT.length()
                + "\r\n\r\n";
        TestBackend.ConnectionScript script = peer -> {
            Message.readRequest(peer);
            boolean first = streams.getAndIncrement() == 0;
            peer.write(first ? told + EVENT : STREAM + chunk(EVENT));
            seen.await();
            peer.write(first ? EVENT : "0\r\n\r\n");
        };
        TestBalancer balancer =
                balancer(Setup.NONE.backend("a", backend(script)).withLines("timeouts: {keepalive: 1ms}"));
        RawConnection client = client(balancer);
        client.write(POST);
        assertThat(Message.readHead(client).header("content-length")).isEqualTo("" + 2 * EVENT.length());
        RawConnection other = streaming(balancer, EVENT);
        assertThat(other.read(2 * chunk(": ping\n").length())).startsWith(chunk(": ping\n"));
        seen.countDown();
        assertThat(client.read(2 * EVENT.length())).isEqualTo(EVENT + EVENT);
    }

    @Test
    void aCompressedStreamIsLeftAlone() throws Exception {
        String head = STREAM.replace("Transfer", "Content-Encoding: gzip\r\nTransfer");
        TestBackend.ConnectionScript breaks = peer -> {
            Message.readRequest(peer);
            peer.write(head + chunk("gz"));
            seen.await();
            peer.reset();
        };
        RawConnection client = streaming("timeouts: {keepalive: 1ms}", breaks, "gz");
        seen.countDown();
        assertThat(client.readToEnd().text()).isEmpty();
    }
}
