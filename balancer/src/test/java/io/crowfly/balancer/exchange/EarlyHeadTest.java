package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend.ConnectionScript;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Token streams whose first token takes longer than {@code timeouts.commit}. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class EarlyHeadTest extends Testbed {

    private static final String TIMEOUTS = "timeouts: {commit: 20ms, keepalive: 10ms}";
    private static final String PING = "7\r\n: ping\n\r\n";
    private static final String STREAM =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String TOKEN = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";

    private final CountDownLatch pinged = new CountDownLatch(1);

    private static String post(String path, String body) {
        return "POST " + path
                + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    private static String post(String path) {
        return post(path, "{\"model\":\"m\",\"stream\":true}");
    }

    /** After the first ping, sends the text and closes the connection. */
    private ConnectionScript afterPing(String text) {
        return peer -> {
            Message.readRequest(peer);
            pinged.await();
            peer.write(text);
        };
    }

    private RawConnection pingedClient(TestBalancer balancer, String request) throws Exception {
        RawConnection client = client(balancer);
        client.write(request);
        Message head = Message.readHead(client);
        assertThat(head.startLine()).isEqualTo("HTTP/1.1 200 OK");
        assertThat(head.header("content-type")).isEqualTo("text/event-stream");
        assertThat(head.header("x-request-id")).isNotEmpty();
        assertThat(client.read(2 * PING.length())).isEqualTo(PING + PING);
        return client;
    }

    private String restAfterPing(String request, ConnectionScript... scripts) throws Exception {
        Setup setup = Setup.NONE.withLines(TIMEOUTS);
        for (ConnectionScript script : scripts) {
            setup = setup.backend(setup.backends().isEmpty() ? "a" : "b", backend(script));
        }
        RawConnection client = pingedClient(balancer(setup), request);
        pinged.countDown();
        return client.readToEnd().text().replace(PING, "");
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    @ParameterizedTest
    @CsvSource({"/v1/chat/completions", "/v1/completions", "/v1/responses"})
    void ifAllAttemptsFailTheStreamEndsWithAnErrorEventOfItsApi(String path) throws Exception {
        String rest = restAfterPing(post(path), afterPing(""), afterPing(""));
        boolean named = path.equals("/v1/responses");
        assertThat(rest)
                .contains(named ? "event: error\ndata: {\"type\":\"error\"" : "\r\ndata: {\"error\":{")
                .contains("\"code\":\"upstream_failed\"")
                .endsWith("}}\n\n\r\n");
    }

    @Test
    void anErrorStatusBecomesAnErrorEvent() throws Exception {
        String error = "{\"error\":{\"message\":\"The prompt is too long.\",\"type\":\"invalid_request_error\","
                + "\"param\":null,\"code\":\"context_length_exceeded\"}}";
        String rest = restAfterPing(
                post("/v1/chat/completions"),
                afterPing("HTTP/1.1 400 No\r\nContent-Length: " + error.length() + "\r\n\r\n" + error));
        assertThat(rest).isEqualTo(chunk("data: " + error + "\n\n"));
    }

    @Test
    void theErrorEventOfTheLastBackendEndsTheStreamAbnormally() throws Exception {
        String error = "data: {\"error\":{\"message\":\"no\",\"type\":\"server_error\"}}\n\n";
        String rest = restAfterPing(
                post("/v1/chat/completions"),
                afterPing(STREAM + chunk(error) + "0\r\n\r\n"),
                afterPing(STREAM + chunk(error) + "0\r\n\r\n"));
        assertThat(rest).isEqualTo(chunk(error));
    }

    @Test
    void anEmptyStreamHasNoRegularEnd() throws Exception {
        String rest = restAfterPing(
                post("/v1/chat/completions"), afterPing(STREAM + chunk("data: [DONE]\n\n") + "0\r\n\r\n"));
        assertThat(rest).contains("upstream_stream_interrupted").doesNotContain("DONE");
    }

    @Test
    void aResponseThatIsNoStreamIsFollowedByAnotherAttempt() throws Exception {
        String rest = restAfterPing(
                post("/v1/chat/completions"),
                afterPing("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"),
                afterPing(STREAM + chunk(TOKEN) + "0\r\n\r\n"));
        assertThat(rest).isEqualTo(chunk(TOKEN) + "0\r\n\r\n");
    }

    @Test
    void whenTheTimeForTheFirstTokenIsOverTheStreamEndsWithAnErrorEvent() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", backend(RawConnection::readToEnd))
                .withLines("timeouts: {commit: 20ms, keepalive: 10ms, first-byte: 200ms}"));
        String rest =
                pingedClient(balancer, post("/v1/chat/completions")).readToEnd().text();
        assertThat(rest).contains("\"code\":\"upstream_timeout\"").endsWith("}}\n\n\r\n");
    }

    @Test
    void otherRequestsGetTheHeadOfTheirBackend() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", backend(peer -> {
                    while (peer.hasInput()) {
                        Message.readRequest(peer);
                        pinged.await();
                        peer.write(OK);
                    }
                }))
                .withLines(TIMEOUTS));
        RawConnection plain = client(balancer);
        plain.write(post("/v1/chat/completions", "{\"model\":\"m\"}"));
        RawConnection embedding = client(balancer);
        embedding.write(post("/v1/embeddings"));
        pingedClient(balancer, post("/v1/chat/completions"));
        pinged.countDown();
        assertThat(Message.readResponse(plain).body()).isEqualTo("ok");
        assertThat(Message.readResponse(embedding).body()).isEqualTo("ok");
    }

    @Test
    void zeroMeansNever() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE
                .backend("a", backend(afterPing(STREAM + chunk(TOKEN) + "0\r\n\r\n")))
                .withLines("timeouts: {commit: 0s, keepalive: 1ms, idle: 100ms}"));
        RawConnection idle = client(balancer);
        RawConnection client = client(balancer);
        client.write(post("/v1/chat/completions"));
        // The end of an idle connection shows that the idle timeout has passed.
        assertThat(idle.readToEnd().text()).isEmpty();
        pinged.countDown();
        assertThat(Message.readResponse(client).body()).isEqualTo(TOKEN);
    }
}
