package io.crowfly.bench.bodies;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.crowfly.bench.endpoint.EndpointSpec;
import io.crowfly.bench.endpoint.SimulatedEndpoint;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks when an upload counts as intact. */
class UploadTest {

    private static final Map<String, String> MODELS = Map.of("one", "o", "two", "longer-than-before");

    private static final LargeChat CHAT = new LargeChat(50_000, 2);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBodyWithItsBackendsModelNameIsIntact(boolean chunked) throws IOException {
        Upload upload = through("two", chunked, body -> body.replace("gpt-4o", "longer-than-before"));

        assertThat(upload).isEqualTo(new Upload("two", true, ""));
    }

    @Test
    void aBodyWithTheOtherBackendsModelNameIsNotIntact() throws IOException {
        assertThat(through("one", true, body -> body.replace("gpt-4o", "longer-than-before")))
                .isEqualTo(new Upload("one", false, ""));
    }

    @Test
    void aBodyWithAnyOtherByteChangedIsNotIntact() throws IOException {
        assertThat(through("one", true, body -> body.replace("gpt-4o", "o").replace("user", "usex")))
                .isEqualTo(new Upload("one", false, ""));
    }

    @Test
    void anUnchangedBodyIsNotRenamed() throws IOException {
        try (SimulatedEndpoint endpoint = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()))) {
            assertThat(Upload.send(CHAT, endpoint.port(), true, Map.of("", LargeChat.MODEL)))
                    .isEqualTo(new Upload("", true, ""));
            assertThat(Upload.send(CHAT, endpoint.port(), true, Map.of("", "o")))
                    .isEqualTo(new Upload("", false, ""));
        }
    }

    @Test
    void aRefusalHasItsReason() throws IOException {
        HttpServer refusing = server(exchange -> respond(exchange, 413, "too large"));
        try {
            Upload upload = Upload.send(CHAT, refusing.getAddress().getPort(), true, MODELS);

            assertThat(upload.succeeded()).isFalse();
            assertThat(upload.failure()).isEqualTo("413: too large");
        } finally {
            refusing.stop(0);
        }
    }

    /** Uploads through a server that changes the body like a balancer, in place of the sink. */
    private static Upload through(String backend, boolean chunked, UnaryOperator<String> change) throws IOException {
        HttpServer server = server(exchange -> {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            exchange.getRequestBody().transferTo(body);
            byte[] changed =
                    change.apply(body.toString(StandardCharsets.US_ASCII)).getBytes(StandardCharsets.US_ASCII);
            CRC32C crc = new CRC32C();
            crc.update(changed);
            exchange.getResponseHeaders().set("x-crowfly-backend", backend);
            respond(exchange, 200, "{\"bytes\":%d,\"crc32c\":\"%08x\"}".formatted(changed.length, crc.getValue()));
        });
        try {
            return Upload.send(CHAT, server.getAddress().getPort(), chunked, MODELS);
        } finally {
            server.stop(0);
        }
    }

    private interface Responder {
        void respond(HttpExchange exchange) throws IOException;
    }

    private static HttpServer server(Responder responder) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/sink", responder::respond);
        server.start();
        return server;
    }

    private static void respond(HttpExchange exchange, int status, String text) throws IOException {
        exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
