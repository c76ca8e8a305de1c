package io.crowfly.balancer.testbed;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A token server in the dialect of one cloud. It issues {@code token-1}, {@code token-2} and so on, each valid for an
 * hour unless set otherwise. A request that violates the dialect fails the test when the server is closed.
 */
public final class TestTokenServer implements AutoCloseable {

    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.RFC_1123_DATE_TIME.withZone(ZoneOffset.UTC);

    /** Token protocol of one cloud. */
    public interface Dialect {
        /**
         * @param token to issue
         * @return the body of the response
         * @throws AssertionError if the request violates the dialect
         */
        String respond(Message request, String token, Duration lifetime) throws Exception;
    }

    private final TestBackend backend;
    private final Dialect dialect;
    private final InstantSource clock;
    private final AtomicInteger issued = new AtomicInteger();
    private final List<Message> requests = new CopyOnWriteArrayList<>();
    private final Queue<Supplier<String>> scriptedResponses = new ConcurrentLinkedQueue<>();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile Duration tokenLifetime = Duration.ofHours(1);

    /** @param clock of the server, for the dates of its responses */
    public TestTokenServer(InstantSource clock, Dialect dialect) throws IOException {
        this.clock = clock;
        this.dialect = dialect;
        this.backend = TestBackend.running(this::play);
    }

    private void play(RawConnection peer) throws Exception {
        while (peer.hasInput()) {
            Message request = Message.readRequest(peer);
            requests.add(request);
            Supplier<String> scriptedResponse = scriptedResponses.poll();
            String response = scriptedResponse != null
                    ? scriptedResponse.get()
                    : ok(dialect.respond(request, "token-" + issued.incrementAndGet(), tokenLifetime));
            gate.await();
            peer.write(response);
        }
    }

    private String ok(String body) {
        return response("200 OK", "application/json; charset=utf-8", body);
    }

    /** Returns a response as sent over the connection. */
    public String response(String status, String type, String body) {
        return "HTTP/1.1 " + status + "\r\ndate: " + HTTP_DATE.format(clock.instant()) + "\r\ncontent-type: " + type
                + "\r\ncontent-length: " + body.length() + "\r\n\r\n" + body;
    }

    /** Sets the next response, which is sent instead of a token whatever the request is. */
    public void scriptResponse(String status, String body) {
        scriptedResponses.add(() -> response(status, "application/json", body));
    }

    public void scriptRawResponse(String response) {
        scriptedResponses.add(() -> response);
    }

    /** Accepts requests and holds the responses until the returned latch is counted down. */
    public CountDownLatch holdResponses() {
        gate = new CountDownLatch(1);
        return gate;
    }

    /** Sets the lifetime of tokens that are issued from now on. */
    public void setTokenLifetime(Duration duration) {
        tokenLifetime = duration;
    }

    /** Returns the requests in the order of arrival. */
    public List<Message> requests() {
        return requests;
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + backend.port() + path);
    }

    /** Decodes a form or a query whose names are unique. */
    public static Map<String, String> fields(String encoded) {
        return Arrays.stream(encoded.split("&"))
                .map(field -> field.split("=", 2))
                .collect(Collectors.toMap(
                        field -> URLDecoder.decode(field[0], StandardCharsets.UTF_8),
                        field -> URLDecoder.decode(field[1], StandardCharsets.UTF_8)));
    }

    @Override
    public void close() throws IOException {
        gate.countDown();
        backend.close();
    }
}
