package io.crowfly.balancer.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RunningBalancer;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import org.junit.jupiter.api.Test;

/** Errors of the clouds reach clients in OpenAI's shape, from any original shape and content type. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class CloudErrorTest extends Testbed {

    private static final String GOOGLE = "provider: google, project: p, location: l1, credential: {bearer: t}";
    private static final String AZURE = "provider: azure, credential: {api-key: k}";
    private static final String CHAT = "{\"model\":\"m\",\"stream\":true}";

    private Message responseTo(String backend, String response) throws Exception {
        TestBackend failing = backend(peer -> {
            Message.readRequest(peer);
            peer.write(response);
            // Keeps the connection open until the balancer has read everything.
            peer.hasInput();
        });
        RawConnection client = client(balancer(Setup.NONE.backend("a", failing, backend)));
        client.write("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nX-Request-Id: mine\r\nContent-Length: "
                + CHAT.length() + "\r\n\r\n" + CHAT);
        return Message.readResponse(client);
    }

    private static String response(String status, String type, String body) {
        return "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + body;
    }

    @Test
    void convertsAnArrayInAnEventStreamToOneError() throws Exception {
        Message response = responseTo(GOOGLE, response("429 Too Many Requests", "text/event-stream", """
                [{"error":{"code":429,"message":"Resource exhausted.","status":"RESOURCE_EXHAUSTED","details":\
                [{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"17s"}]}}
                ]"""));
        assertThat(response.status()).isEqualTo(429);
        assertThat(response.header("content-type")).isEqualTo("application/json");
        assertThat(response.header("x-request-id")).isEqualTo("mine");
        assertThat(response.header("retry-after-ms")).isEqualTo("17000");
        assertThat(RunningBalancer.parseJson(response.body()))
                .hasToString("{error={message=Resource exhausted., type=RESOURCE_EXHAUSTED, param=null, code=429}}");
    }

    @Test
    void collectsAChunkedErrorBeforeTranslatingIt() throws Exception {
        String error = "{\"error\":{\"code\":400,\"message\":\"no\",\"status\":\"INVALID_ARGUMENT\"}}";
        StringBuilder chunks = new StringBuilder("HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n");
        error.chars().forEach(c -> chunks.append("1\r\n").append((char) c).append("\r\n"));
        Message response = responseTo(GOOGLE, chunks.append("0\r\n\r\n").toString());
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).contains("\"type\":\"INVALID_ARGUMENT\"", "\"message\":\"no\"");
    }

    @Test
    void replacesAnHtmlErrorPage() throws Exception {
        Message response = responseTo(AZURE, response("503 Service Unavailable", "text/html", "<html>upstream</html>"));
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.header("content-type")).isEqualTo("application/json");
        assertThat(response.body()).contains("\"error\":{").doesNotContain("<html>");
    }

    @Test
    void anIncompleteErrorKeepsItsStatus() throws Exception {
        TestBackend failing = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n{\"error\":");
        });
        RawConnection client = client(balancer(Setup.NONE.backend("a", failing, AZURE)));
        client.write("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}");
        // The status is the backend's. The client must be able to detect that the body is incomplete.
        assertThat(Message.readHead(client).status()).isEqualTo(400);
        assertThat(client.readToEnd().text()).isEqualTo("{\"error\":");
    }

    @Test
    void anErrorInterruptedWhilePassingIsInterruptedForTheClient() throws Exception {
        TestBackend failing = backend(peer -> {
            Message.readRequest(peer);
            peer.write("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 1000\r\n\r\n0123456789");
            peer.hasInput();
        });
        RawConnection client = client(balancer(Setup.NONE.backend("a", failing)));
        client.write("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}");
        assertThat(Message.readHead(client).status()).isEqualTo(500);
        assertThat(client.read(10)).isEqualTo("0123456789");
        failing.connection(0).close();
        assertThat(client.readToEnd().text()).isEmpty();
    }

    @Test
    void anErrorInOpenAisShapePassesUnchanged() throws Exception {
        String error = "{\"error\": {\"message\":\"filtered\", \"type\":null,\"param\":\"prompt\","
                + "\"code\":\"content_filter\",\"innererror\":{\"code\":\"x\"}}}";
        Message response = responseTo(AZURE, response("400 Bad Request", "application/json", error));
        assertThat(response.body()).isEqualTo(error);
    }
}
