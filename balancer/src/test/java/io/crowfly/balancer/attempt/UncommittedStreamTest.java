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
import io.crowfly.balancer.testbed.TestedTransports;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** What is held of a token stream before its first token, and what its client receives if no attempt has a token. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class UncommittedStreamTest extends Testbed {

    private static final int HELD_BYTES = 64 * 1024;

    private static final TestStream CHAT = TestStream.CHAT;
    private static final TestStream RESPONSES = TestStream.RESPONSES;

    private final CountDownLatch cancelled = new CountDownLatch(1);

    private TestBalancer twoBackends(ConnectionScript first, ConnectionScript second, String more) throws Exception {
        return balancer(Setup.NONE
                .backend("a", backend(first))
                .backend("b", backend(second))
                .withLines(more));
    }

    private RawConnection send(TestBalancer balancer, String request) throws Exception {
        RawConnection client = client(balancer);
        client.write(request);
        return client;
    }

    private static ConnectionScript sending(String... parts) {
        return peer -> {
            while (peer.hasInput()) {
                Message.readRequest(peer);
                for (String part : parts) {
                    peer.write(part);
                }
            }
        };
    }

    private static ConnectionScript events(String... events) {
        StringBuilder chunks = new StringBuilder();
        for (String event : events) {
            chunks.append(TestStream.chunk(event));
        }
        return sending(TestStream.HEAD + chunks + TestStream.END);
    }

    private ConnectionScript silentAfter(String text) {
        return peer -> {
            Message.readRequest(peer);
            peer.write(text);
            peer.readToEnd();
            cancelled.countDown();
        };
    }

    private static String metric(TestBalancer balancer, String name) throws Exception {
        try (RawConnection admin = RawConnection.connect(balancer.adminPort())) {
            admin.write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
            return Message.readResponse(admin)
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(name))
                    .findFirst()
                    .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                    .orElse("");
        }
    }

    // At the limit of held bytes.

    private void assertCommittedAtTheLimit(String head, String body) throws Exception {
        assertCommittedAtTheLimit(head, body, 1000);
    }

    private void assertCommittedAtTheLimit(String head, String body, int chunkSize) throws Exception {
        AtomicBoolean received = new AtomicBoolean();
        TestBackend second = backend(peer -> received.set(peer.hasInput()));
        TestBackend first = backend(peer -> {
            Message.readRequest(peer);
            peer.write(head);
            int cut = 0;
            for (int next; (next = Math.min(body.length(), cut + chunkSize)) > cut; cut = next) {
                peer.write(TestStream.chunk(body.substring(cut, next)));
            }
            // The client must receive everything before the end, so nothing more may be held.
            cancelled.await();
            peer.write(TestStream.END);
        });
        TestBalancer balancer = balancer(Setup.NONE.backend("a", first).backend("b", second));
        RawConnection client = send(balancer, CHAT.request("m", "x"));
        assertThat(Message.readHead(client).status()).isEqualTo(200);
        StringBuilder text = new StringBuilder();
        while (text.length() < body.length()) {
            text.append(client.read(Integer.parseInt(client.readLine(), 16)));
            client.readLine();
        }
        assertThat(text.toString().equals(body)).isTrue();
        assertThat(metric(balancer, "crowfly_held_bytes")).isEqualTo("0.0");
        cancelled.countDown();
        assertThat(client.read(TestStream.END.length())).isEqualTo(TestStream.END);
        assertThat(received).isFalse();
    }

    @Test
    void aStreamWithoutEventsIsCommittedAtTheLimitAndPassesUnchanged() throws Exception {
        assertCommittedAtTheLimit(TestStream.HEAD, "x".repeat(2 * HELD_BYTES));
    }

    @Test
    void anEventLargerThanTheLimitPassesUnchanged() throws Exception {
        assertCommittedAtTheLimit(
                TestStream.HEAD, "data: {\"choices\":[{\"delta\":{\"content\":\"" + "y".repeat(5 << 20) + "\"}}]}\n\n");
    }

    @Test
    void commentsWithoutEndAreCommittedAtTheLimit() throws Exception {
        assertCommittedAtTheLimit(TestStream.HEAD, ": processing\n\n".repeat(HELD_BYTES / 10));
    }

    @Test
    void commentsInSmallPiecesAreCommittedAtTheLimit() throws Exception {
        assertCommittedAtTheLimit(TestStream.HEAD, ": ping\n".repeat(HELD_BYTES / 6), 7);
    }

    @Test
    void aCompressedStreamIsCommittedAtItsFirstByte() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(CHAT.text("hello").getBytes(StandardCharsets.US_ASCII));
        }
        assertCommittedAtTheLimit(
                TestStream.HEAD.replace("Transfer", "Content-Encoding: gzip\r\nTransfer"),
                bytes.toString(StandardCharsets.ISO_8859_1));
    }

    @Test
    void heldEventsCountAsHeldMemory() throws Exception {
        TestBalancer balancer = balancer(backend(silentAfter(TestStream.HEAD + TestStream.chunk(CHAT.beginning))));
        RawConnection client = send(balancer, CHAT.request("m", "x"));
        await().until(() -> metric(balancer, "crowfly_held_bytes").equals(CHAT.beginning.length() + ".0"));
        client.close();
        await().until(() -> metric(balancer, "crowfly_held_bytes").equals("0.0"));
        assertThat(cancelled.await(1, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void withoutMemoryForHeldEventsTheStreamIsCommittedAtOnce() throws Exception {
        TestBalancer balancer = twoBackends(
                silentAfter(TestStream.HEAD + TestStream.chunk(CHAT.beginning + ": " + "x".repeat(3000))),
                events(CHAT.text("from b")),
                "limits: {held-size: 1KiB, held-total: 2KiB}");
        RawConnection client = send(balancer, CHAT.request("m", "x"));
        assertThat(Message.readHead(client).status()).isEqualTo(200);
    }

    // Outcomes.

    @Test
    void anErrorThatIsTheClientsOwnFaultIsDeliveredAtOnce() throws Exception {
        for (String code : new String[] {"content_filter", "invalid_prompt", "context_length_exceeded"}) {
            for (TestStream stream : TestStream.values()) {
                AtomicBoolean tried = new AtomicBoolean();
                TestBalancer balancer = twoBackends(
                        events(stream.beginning, stream.error(code)), peer -> tried.set(peer.hasInput()), "");
                Message response = Message.readResponse(send(balancer, stream.request("m", "x")));
                assertThat(response.body()).isEqualTo(stream.beginning + stream.error(code));
                assertThat(tried).isFalse();
                assertThat(metric(balancer, "crowfly_attempt_failures_total{backend=\"a\""))
                        .isIn("", "0.0");
                balancer.close();
            }
        }
    }

    @Test
    void ifAllAttemptsFailTheMostUsefulOutcomeArrivesWithItsOwnBytes() throws Exception {
        String limited = CHAT.error("rate_limit_exceeded");
        TestBalancer balancer =
                twoBackends(events(CHAT.beginning, CHAT.error("server_error")), events(CHAT.beginning, limited), "");
        Message response = Message.readResponse(send(balancer, CHAT.request("m", "x")));
        assertThat(response.startLine()).isEqualTo("HTTP/1.1 200 OK");
        assertThat(response.body()).isEqualTo(CHAT.beginning + limited);
    }

    @Test
    void anErrorStatusIsMoreUsefulThanAnEmptyStream() throws Exception {
        TestBalancer balancer =
                twoBackends(events("data: [DONE]\n\n"), sending("HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\n{}"), "");
        assertThat(Message.readResponse(send(balancer, CHAT.request("m", "x"))).status())
                .isEqualTo(503);
    }

    @Test
    void anEmptyStreamIsDeliveredIfThereIsNothingElse() throws Exception {
        TestBalancer balancer = balancer(backend(events("data: [DONE]\n\n")));
        assertThat(Message.readResponse(send(balancer, CHAT.request("m", "x"))).body())
                .isEqualTo("data: [DONE]\n\n");
    }

    @Test
    void aBrokenStreamEndsInABadGatewayIfThereIsNoOtherBackend() throws Exception {
        TestBalancer balancer = balancer(backend(peer -> {
            Message.readRequest(peer);
            peer.write(TestStream.HEAD + TestStream.chunk(CHAT.beginning));
        }));
        Message response = Message.readResponse(send(balancer, CHAT.request("m", "x")));
        assertThat(response.status()).isEqualTo(502);
        assertThat(response.body()).contains("\"code\":\"upstream_failed\"");
    }

    @Test
    void aRequestThatAddsToAConversationIsRepeatedOnlyAfterAnErrorThatPrecedesProcessing() throws Exception {
        String adding = RESPONSES.request("m", "x", "\"conversation\":\"conv_1\",");
        String failed = RESPONSES.error("server_error");
        TestBalancer failing = twoBackends(events(RESPONSES.beginning, failed), events(RESPONSES.text("from b")), "");
        assertThat(Message.readResponse(send(failing, adding)).body()).isEqualTo(RESPONSES.beginning + failed);
        failing.close();
        TestBalancer limited = twoBackends(
                events(RESPONSES.beginning, RESPONSES.error("rate_limit_exceeded")),
                events(RESPONSES.text("from b")),
                "");
        assertThat(Message.readResponse(send(limited, adding)).body()).isEqualTo(RESPONSES.text("from b"));
    }

    @Test
    void aRateLimitInAnEventParksTheModelAtTheBackend() throws Exception {
        String head = TestStream.HEAD.replace("Transfer", "Retry-After: 30\r\nTransfer");
        TestBalancer balancer = twoBackends(
                sending(head + TestStream.chunk(CHAT.error("rate_limit_exceeded")) + TestStream.END),
                events(CHAT.text("from b")),
                "trace-decisions: true");
        assertThat(Message.readResponse(send(balancer, CHAT.request("m", "x"))).header("x-crowfly-decision"))
                .startsWith("next best after a: error event 429");
        await().until(() ->
                metric(balancer, "crowfly_backend_parked_models{backend=\"a\"").equals("1.0"));
    }

    @Test
    void metricsCountWhatWasRepairedAndWhy() throws Exception {
        TestBalancer balancer =
                twoBackends(events(CHAT.beginning, CHAT.error("overloaded")), events(CHAT.text("from b")), "");
        Message.readResponse(send(balancer, CHAT.request("m", "x")));
        await().until(() -> metric(
                        balancer,
                        "crowfly_repaired_attempts_total{backend=\"a\",provider=\"openai\",reason=\"error_event\",}")
                .equals("1.0"));
    }

    @Test
    void nothingIsRepairedIfAllAttemptsFail() throws Exception {
        TestBalancer balancer = twoBackends(events(CHAT.error("overloaded")), events(CHAT.error("overloaded")), "");
        Message.readResponse(send(balancer, CHAT.request("m", "x")));
        await().until(() -> metric(balancer, "crowfly_retries_total").equals("1.0"));
        assertThat(metric(balancer, "crowfly_repaired_attempts_total")).isEmpty();
    }

    @Test
    void aResponseThatIsNoStreamIsCommittedAtItsHead() throws Exception {
        TestBalancer balancer = balancer(backend(
                silentAfter("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n")));
        assertThat(Message.readHead(send(balancer, CHAT.request("m", "x"))).status())
                .isEqualTo(200);
        String plain = CHAT.request("m", "x").replace("\"stream\":true", "\"stream\":null");
        TestBalancer streaming = balancer(
                Setup.NONE.backend("a", backend(silentAfter(TestStream.HEAD + TestStream.chunk(CHAT.beginning)))));
        assertThat(Message.readHead(send(streaming, plain)).status()).isEqualTo(200);
    }
}
