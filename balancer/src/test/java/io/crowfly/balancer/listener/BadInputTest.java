package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** Invalid requests: the error response, and that nothing reaches a backend. */
class BadInputTest extends Testbed {

    private static final String POST = "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\n";

    /** A second request, which would be accepted if the first were interpreted in another way. */
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";

    private Setup setup = Setup.NONE;

    @Test
    void refusesHeadsThatCouldBeReadInTwoWays() throws Exception {
        Map<String, String> heads = new LinkedHashMap<>();
        heads.put("length and chunks", POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        heads.put("chunks and length", POST + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n");
        heads.put("two lengths", POST + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello");
        heads.put("a list of lengths", POST + "Content-Length: 5, 6\r\n\r\nhello");
        heads.put("a negative length", POST + "Content-Length: -5\r\n\r\nhello");
        heads.put("a signed length", POST + "Content-Length: +5\r\n\r\nhello");
        heads.put("a length in hex", POST + "Content-Length: 0x5\r\n\r\nhello");
        heads.put("an empty length", POST + "Content-Length: \r\n\r\nhello");
        heads.put("a length beyond a long", POST + "Content-Length: 99999999999999999999\r\n\r\nhello");
        heads.put("space before a colon", POST + "Content-Length : 5\r\n\r\nhello");
        heads.put("space before a header", POST + " Content-Length: 5\r\n\r\nhello");
        heads.put("a folded coding", POST + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n");
        heads.put("bare LF in the request line", "GET / HTTP/1.1\nHost: h\r\n\r\n");
        heads.put("bare LF in the headers", "GET / HTTP/1.1\r\nHost: h\nX-A: 1\r\n\r\n");
        heads.put("bare LF at the end", "GET / HTTP/1.1\r\nHost: h\r\n\n");
        heads.put("bare CR in a value", "GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\rX-B: 2\r\n\r\n");
        heads.put("bare CR in the target", "GET /a\rb HTTP/1.1\r\nHost: h\r\n\r\n");
        heads.put("NUL in a value", "GET / HTTP/1.1\r\nHost: h\r\nX-A: a\0b\r\n\r\n");
        heads.put("NUL in a name", "GET / HTTP/1.1\r\nHost: h\r\nX\0A: a\r\n\r\n");
        heads.put("NUL in the target", "GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n");
        heads.put("a tab in the target", "GET /a\tb HTTP/1.1\r\nHost: h\r\n\r\n");
        heads.put("Latin-1 in the target", "GET /\u00e9 HTTP/1.1\r\nHost: h\r\n\r\n");
        heads.put("DEL in the target", "GET /\u007f HTTP/1.1\r\nHost: h\r\n\r\n");
        heads.put("a space in the host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n");
        heads.put("a path in the host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n");
        heads.put("a user in the host", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n");
        heads.put("a query in the host", "GET / HTTP/1.1\r\nHost: a?b\r\n\r\n");
        heads.put("a backslash in the host", "GET / HTTP/1.1\r\nHost: a\\b\r\n\r\n");
        heads.put("a user in an absolute target", "GET http://a@b/ HTTP/1.1\r\nHost: b\r\n\r\n");
        heads.put("no host in an absolute target", "GET http:///a HTTP/1.1\r\nHost: h\r\n\r\n");
        heads.put("a coding with an underscore", POST + "Transfer_Encoding: chunked\r\n\r\n");
        heads.put("a length with an underscore", POST + "Content-Length: 5\r\ncontent_length: 0\r\n\r\nhello");
        heads.put("a fragment in the target", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n");
        heads.put("a fragment in an absolute target", "GET http://h/a#b HTTP/1.1\r\nHost: h\r\n\r\n");
        heads.put("a space in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n");
        heads.put("a header without a colon", "GET / HTTP/1.1\r\nHost: h\r\nnonsense\r\n\r\n");
        heads.put("a header without a name", "GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n");
        heads.put("no host", "GET / HTTP/1.1\r\nX-A: 1\r\n\r\n");
        heads.put("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
        heads.put("a target that is no path", "GET v1/models HTTP/1.1\r\nHost: h\r\n\r\n");
        heads.put("no version", "GET /\r\n\r\n");
        heads.put("a TLS hello", "\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n");
        heads.put("chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        assertThat(refuses(heads, 400)).isEmpty();
    }

    @Test
    void unfoldsAHeader() throws Exception {
        TestBackend backend = backend(peer -> {
            Message request = Message.readRequest(peer);
            String value = request.header("x-a");
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + value.length() + "\r\n\r\n" + value);
        });
        RawConnection client = client(balancer(backend));
        client.write("GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n\t2\r\n\r\n");
        assertThat(Message.readResponse(client).body()).isEqualTo("1 2");
    }

    @Test
    void refusesChunksThatCouldBeReadInTwoWays() throws Exception {
        Map<String, String> bodies = new LinkedHashMap<>();
        bodies.put("no size", "\r\nhello\r\n0\r\n\r\n");
        bodies.put("no number", "xyz\r\nhello\r\n0\r\n\r\n");
        bodies.put("a negative size", "-5\r\nhello\r\n0\r\n\r\n");
        bodies.put("a size in 0x", "0x5\r\nhello\r\n0\r\n\r\n");
        bodies.put("a size beyond an int", "fffffffff\r\nhello\r\n0\r\n\r\n");
        bodies.put("a chunk longer than its size", "3\r\nhello\r\n0\r\n\r\n");
        bodies.put("bare LF after a size", "5\nhello\r\n0\r\n\r\n");
        bodies.put("bare LF after a chunk", "5\r\nhello\n0\r\n\r\n");
        bodies.put("bare LF at the end", "5\r\nhello\r\n0\r\n\n");
        bodies.put("bare CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n");
        bodies.replaceAll((name, body) -> POST + "Transfer-Encoding: chunked\r\n\r\n" + body);
        String seen = refuses(bodies, 400);
        // The backend may have received the beginning of a request, but no end.
        assertThat(seen).doesNotContain("\r\n0\r\n\r\n");
    }

    @Test
    void refusesTransferCodingsOtherThanChunked() throws Exception {
        Map<String, String> heads = new LinkedHashMap<>();
        heads.put("gzip and chunked", POST + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
        assertThat(refuses(heads, 501)).isEmpty();
        heads.clear();
        heads.put("chunked twice", POST + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n");
        heads.put("gzip alone", POST + "Transfer-Encoding: gzip\r\n\r\n");
        heads.put("something like chunked", POST + "Transfer-Encoding: xchunked\r\n\r\n");
        heads.put("chunked in quotes", POST + "Transfer-Encoding: \"chunked\"\r\n\r\n");
        heads.put("chunked with a parameter", POST + "Transfer-Encoding: chunked;q=1\r\n\r\n");
        heads.put("identity", POST + "Transfer-Encoding: identity\r\n\r\n");
        heads.put("nothing", POST + "Transfer-Encoding:\r\n\r\n");
        assertThat(refuses(heads, 400)).isEmpty();
    }

    @Test
    void refusesUnsupportedMethodsVersionsAndExpectations() throws Exception {
        assertThat(refuses(Map.of("tunnel", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"), 405))
                .isEmpty();
        assertThat(refuses(Map.of("trace", "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n"), 405))
                .isEmpty();
        assertThat(refuses(Map.of("h2 with prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505))
                .isEmpty();
        assertThat(refuses(Map.of("wishes", POST + "Content-Length: 5\r\nExpect: wonders\r\n\r\n"), 417))
                .isEmpty();
    }

    @Test
    void refusesAHeadThatIsTooLarge() throws Exception {
        Map<String, String> heads = new LinkedHashMap<>();
        heads.put("target", "GET /" + "a".repeat(40_000) + " HTTP/1.1\r\nHost: h\r\n\r\n");
        heads.put("one header", "GET / HTTP/1.1\r\nHost: h\r\nX-A: " + "a".repeat(40_000) + "\r\n\r\n");
        heads.put("many headers", "GET / HTTP/1.1\r\nHost: h\r\n" + "X-A: a\r\n".repeat(10_000) + "\r\n");
        assertThat(refuses(heads, 431)).isEmpty();
    }

    @Test
    void refusesTrailersThatAreTooLarge() throws Exception {
        String request = POST + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + "x-a: a\r\n".repeat(10_000) + "\r\n";
        assertThat(refuses(Map.of("trailers", request), 431)).doesNotContain("x-a");
    }

    @Test
    void refusesATooLargeBodyByItsContentLengthWithoutSending100() throws Exception {
        setup = setup.withLines("limits: {body-size: 1KiB}");
        Map<String, String> requests = new LinkedHashMap<>();
        requests.put("length", POST + "Content-Length: 100000\r\n\r\n" + "a".repeat(100_000));
        requests.put("expecting", POST + "Content-Length: 2000\r\nExpect: 100-continue\r\n\r\n");
        assertThat(refuses(requests, 413)).isEmpty();
    }

    @Test
    void refusesABodyThatTurnsOutTooLarge() throws Exception {
        setup = setup.withLines("limits: {body-size: 1KiB}");
        String chunk = "200\r\n" + "a".repeat(512) + "\r\n";
        String request = POST + "Transfer-Encoding: chunked\r\n\r\n" + chunk.repeat(4) + "0\r\n\r\n";
        assertThat(refuses(Map.of("chunks", request), 413)).doesNotContain("\r\n0\r\n\r\n");
    }

    @Test
    void acceptsABodyAtTheSizeLimit() throws Exception {
        TestBalancer balancer = balancer(Setup.NONE.backend("a", backend(OK)).withLines("limits: {body-size: 1KiB}"));
        RawConnection client = client(balancer);
        client.write(POST + "Content-Length: 1024\r\n\r\n" + "a".repeat(1024));
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
        client.write(POST + "Transfer-Encoding: chunked\r\n\r\n400\r\n" + "a".repeat(1024) + "\r\n0\r\n\r\n");
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
    }

    /**
     * Sends each request on its own connection, followed by another request, and expects one error response and the
     * close.
     *
     * @return all bytes that reached the backend
     */
    private String refuses(Map<String, String> requests, int status) throws Exception {
        StringBuffer reached = new StringBuffer();
        TestBackend backend = backend(peer -> reached.append(peer.readToEnd().text()));
        TestBalancer balancer = balancer(setup.backend("a", backend));
        SoftAssertions softly = new SoftAssertions();
        for (var request : requests.entrySet()) {
            try (RawConnection client = balancer.client()) {
                client.write(request.getValue() + SMUGGLED);
                client.halfClose();
                String responses = client.readToEnd().text();
                softly.assertThat(responses)
                        .as(request.getKey())
                        .startsWith("HTTP/1.1 " + status + ' ')
                        .containsIgnoringCase("\r\nconnection: close\r\n")
                        .containsIgnoringCase("\r\ncontent-type: application/json\r\n")
                        .contains("{\"error\":{\"message\":", "\"type\":\"invalid_request_error\"");
                softly.assertThat(responses.split("HTTP/1.1 (?=[0-9])"))
                        .as(request.getKey())
                        .hasSize(2);
            }
        }
        softly.assertAll();
        // Closing completes the requests in progress, so afterwards nothing more can reach the backend.
        balancer.close();
        backend.close();
        assertThat(reached.toString()).doesNotContain("smuggled");
        return reached.toString();
    }
}
