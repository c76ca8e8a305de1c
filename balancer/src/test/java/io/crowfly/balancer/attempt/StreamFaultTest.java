package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Faults of a token stream by operation, kind and moment, while another backend is healthy. Before the first token the
 * client notices nothing. After it the stream ends with an error event.
 */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class StreamFaultTest extends Testbed {

    private enum Moment {
        BEFORE_HEAD,
        AFTER_HEAD,
        AFTER_COMMENT,
        AFTER_BEGINNING,
        AFTER_PING,
        AFTER_TOKEN
    }

    private enum Fault {
        RESET,
        CLOSE,
        NOT_HTTP,
        END,
        ONLY_DONE,
        SERVER_ERROR,
        OVERLOADED,
        RATE_LIMIT,
        NAMED_ERROR,
        STATUS_500,
        STATUS_503,
        STATUS_429,
        HALF_HEAD
    }

    private static final Set<Fault> AS_HEAD =
            Set.of(Fault.STATUS_500, Fault.STATUS_503, Fault.STATUS_429, Fault.HALF_HEAD);
    private static final Set<Fault> AS_BODY = Set.of(
            Fault.END, Fault.ONLY_DONE, Fault.SERVER_ERROR, Fault.OVERLOADED, Fault.RATE_LIMIT, Fault.NAMED_ERROR);

    private static final String PING = ": ping\n";

    /** Lets the first backend fail after the client has received what comes before the fault. */
    private final Semaphore mayFail = new Semaphore(0);

    private final AtomicInteger atSecond = new AtomicInteger();

    private static Stream<Fault> faultsAt(Moment moment) {
        return Stream.of(Fault.values())
                .filter(fault -> !(moment == Moment.BEFORE_HEAD ? AS_BODY : AS_HEAD).contains(fault));
    }

    /** Prompts are {@code MOMENT FAULT}, or {@code good}. */
    private TestBackend faulty() throws Exception {
        return backend(peer -> {
            while (peer.hasInput()) {
                Message request = Message.readRequest(peer);
                TestStream stream = TestStream.at(request.target());
                String body = request.body();
                String prompt = body.substring(body.indexOf("\"prompt\":\"") + 10, body.lastIndexOf('"'));
                if (prompt.equals("good")) {
                    peer.write(stream.response("from a"));
                } else {
                    String[] words = prompt.split(" ");
                    Moment moment = Moment.valueOf(words[0]);
                    writeUntil(moment, peer, stream);
                    if (!writeFault(Fault.valueOf(words[1]), moment, peer, stream)) {
                        return;
                    }
                }
            }
        });
    }

    private void writeUntil(Moment moment, RawConnection peer, TestStream stream) throws Exception {
        if (moment != Moment.BEFORE_HEAD) {
            peer.write(TestStream.HEAD);
        }
        if (moment == Moment.AFTER_COMMENT) {
            peer.write(TestStream.chunk(": PROCESSING\n\n"));
        }
        if (moment.compareTo(Moment.AFTER_BEGINNING) >= 0) {
            peer.write(TestStream.chunk(stream.beginning));
        }
        if (moment == Moment.AFTER_TOKEN) {
            peer.write(TestStream.chunk(stream.token("from a")));
        }
        if (moment.compareTo(Moment.AFTER_PING) >= 0) {
            mayFail.acquire();
        }
    }

    /** Returns whether the connection stays open. */
    private static boolean writeFault(Fault fault, Moment moment, RawConnection peer, TestStream stream)
            throws Exception {
        switch (fault) {
            case RESET -> peer.reset();
            case CLOSE -> {}
            case NOT_HTTP -> peer.write("SSH-2.0\r\n\r\n");
            case HALF_HEAD -> peer.write("HTTP/1.1 200 OK\r\nContent-Ty");
            case STATUS_500, STATUS_503, STATUS_429 -> {
                String status = fault.name().substring(7);
                peer.write("HTTP/1.1 " + status + " No\r\nContent-Length: 2\r\n\r\n{}");
                return true;
            }
            default -> {
                peer.write(eventsOf(fault, stream) + TestStream.END);
                return true;
            }
        }
        return false;
    }

    private static String eventsOf(Fault fault, TestStream stream) {
        return switch (fault) {
            case ONLY_DONE -> TestStream.chunk("data: [DONE]\n\n");
            case SERVER_ERROR -> TestStream.chunk(stream.error("server_error"));
            case OVERLOADED -> TestStream.chunk(stream.error("overloaded_error"));
            case RATE_LIMIT -> TestStream.chunk(stream.error("rate_limit_exceeded"));
            case NAMED_ERROR ->
                TestStream.chunk("event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\"}\n\n");
            default -> "";
        };
    }

    private TestBalancer balancer(String timeouts) throws Exception {
        TestBackend second = backend(peer -> {
            while (peer.hasInput()) {
                TestStream stream = TestStream.at(Message.readRequest(peer).target());
                atSecond.incrementAndGet();
                peer.write(stream.response("from b"));
            }
        });
        // Neither a failure nor an exploration must move later requests to the second backend.
        return balancer(Setup.NONE
                .backend("a", faulty())
                .backend("b", second)
                .withLines(
                        "routing: {tier-tolerance: unlimited, exploration: 0%, retry: {budget: 100%}}\ntrace-decisions: true\n"
                                + timeouts));
    }

    private RawConnection send(TestBalancer balancer, String request) throws Exception {
        RawConnection client = balancer.client();
        client.write(request);
        return client;
    }

    /** Between faults, so that the first backend is not ejected. */
    private void sendGood(TestBalancer balancer, TestStream stream) throws Exception {
        try (RawConnection client = send(balancer, stream.request("good", "good"))) {
            Message response = Message.readResponse(client);
            // On a slow machine, this request may take longer than `timeouts.commit` too.
            assertThat(response.body().replace(PING, ""))
                    .as("%s", response.fields())
                    .isEqualTo(stream.text("from a"));
        }
    }

    private static String request(TestStream stream, Moment moment, Fault fault) {
        return stream.request((moment + "-" + fault).toLowerCase(), moment + " " + fault);
    }

    private void assertRepaired(TestBalancer balancer, TestStream stream, Moment moment, Fault fault) throws Exception {
        sendGood(balancer, stream);
        int before = atSecond.get();
        try (RawConnection client = send(balancer, request(stream, moment, fault))) {
            Message response = Message.readResponse(client);
            assertThat(response.startLine()).isEqualTo("HTTP/1.1 200 OK");
            assertThat(response.header("content-type")).isEqualTo("text/event-stream; charset=utf-8");
            assertThat(response.body()).isEqualTo(stream.text("from b"));
        }
        assertThat(atSecond.get()).isEqualTo(before + 1);
    }

    private Stream<DynamicTest> beforeTheFirstToken(TestStream stream) throws Exception {
        TestBalancer balancer = balancer("");
        List<DynamicTest> tests = new ArrayList<>();
        for (Moment moment :
                List.of(Moment.BEFORE_HEAD, Moment.AFTER_HEAD, Moment.AFTER_COMMENT, Moment.AFTER_BEGINNING)) {
            faultsAt(moment)
                    .forEach(fault -> tests.add(DynamicTest.dynamicTest(
                            stream + " " + moment + " " + fault,
                            () -> assertRepaired(balancer, stream, moment, fault))));
        }
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> chatBeforeTheFirstToken() throws Exception {
        return beforeTheFirstToken(TestStream.CHAT);
    }

    @TestFactory
    Stream<DynamicTest> completionsBeforeTheFirstToken() throws Exception {
        return beforeTheFirstToken(TestStream.COMPLETIONS);
    }

    @TestFactory
    Stream<DynamicTest> responsesBeforeTheFirstToken() throws Exception {
        return beforeTheFirstToken(TestStream.RESPONSES);
    }

    @TestFactory
    Stream<DynamicTest> afterTheFirstPing() throws Exception {
        return each(Moment.AFTER_PING, "timeouts: {commit: 20ms, keepalive: 10ms}", this::assertRepairedAfterAPing);
    }

    private void assertRepairedAfterAPing(TestBalancer balancer, TestStream stream, Fault fault) throws Exception {
        try (RawConnection client = send(balancer, request(stream, Moment.AFTER_PING, fault))) {
            Message head = Message.readHead(client);
            assertThat(head.startLine()).isEqualTo("HTTP/1.1 200 OK");
            assertThat(head.header("content-type")).isEqualTo("text/event-stream");
            assertThat(head.header("x-request-id")).isNotEmpty();
            assertThat(client.read(TestStream.chunk(PING).length())).isEqualTo(TestStream.chunk(PING));
            mayFail.release();
            String rest = readChunks(client);
            assertThat(rest.replace(PING, "")).isEqualTo(stream.text("from b"));
        }
    }

    /** Returns the rest of a chunked body. */
    private static String readChunks(RawConnection client) throws Exception {
        StringBuilder text = new StringBuilder();
        for (int size; (size = Integer.parseInt(client.readLine(), 16)) > 0; ) {
            text.append(client.read(size));
            client.readLine();
        }
        client.readLine();
        return text.toString();
    }

    @TestFactory
    Stream<DynamicTest> afterTheFirstToken() throws Exception {
        return each(Moment.AFTER_TOKEN, "", this::assertEndsWithAnErrorEvent);
    }

    private void assertEndsWithAnErrorEvent(TestBalancer balancer, TestStream stream, Fault fault) throws Exception {
        int before = atSecond.get();
        String beginning = TestStream.chunk(stream.beginning) + TestStream.chunk(stream.token("from a"));
        try (RawConnection client = send(balancer, request(stream, Moment.AFTER_TOKEN, fault))) {
            assertThat(Message.readHead(client).status()).isEqualTo(200);
            assertThat(client.read(beginning.length())).isEqualTo(beginning);
            mayFail.release();
            if (AS_BODY.contains(fault)) {
                // The backend itself has ended the stream, so its bytes pass as they are.
                String rest = eventsOf(fault, stream) + TestStream.END;
                assertThat(client.read(rest.length())).isEqualTo(rest);
            } else {
                String rest = client.readToEnd().text();
                assertThat(rest).contains("upstream_stream_interrupted").doesNotEndWith(TestStream.END);
                assertThat(rest.contains("event: error\n")).isEqualTo(stream == TestStream.RESPONSES);
            }
        }
        assertThat(atSecond.get()).isEqualTo(before);
    }

    private interface Check {
        void check(TestBalancer balancer, TestStream stream, Fault fault) throws Exception;
    }

    private Stream<DynamicTest> each(Moment moment, String timeouts, Check check) throws Exception {
        TestBalancer balancer = balancer(timeouts);
        List<DynamicTest> tests = new ArrayList<>();
        for (TestStream stream : TestStream.values()) {
            faultsAt(moment)
                    .forEach(fault -> tests.add(DynamicTest.dynamicTest(stream + " " + moment + " " + fault, () -> {
                        sendGood(balancer, stream);
                        check.check(balancer, stream, fault);
                    })));
        }
        return tests.stream();
    }
}
