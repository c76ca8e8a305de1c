package io.crowfly.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crowfly.bench.endpoint.BlobBytes;
import io.crowfly.bench.endpoint.EndpointSpec;
import io.crowfly.bench.endpoint.SimulatedEndpoint;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpCallTest {

    private static final int BYTES = 200_000;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sendsABodyOfKnownLengthOrInChunks(boolean chunked) throws IOException {
        try (SimulatedEndpoint endpoint = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()));
                HttpCall call = HttpCall.connect(endpoint.port())) {
            byte[] body = new byte[BYTES];
            BlobBytes.fill(body, 0);
            OptionalLong length = chunked ? OptionalLong.empty() : OptionalLong.of(BYTES);
            try (OutputStream out = call.post("/v1/sink", "application/octet-stream", length)) {
                out.write(body, 0, BYTES / 2);
                out.write(body, BYTES / 2, BYTES / 2);
            }

            assertThat(call.status()).isEqualTo(200);
            assertThat(call.text())
                    .isEqualTo("{\"bytes\":" + BYTES + ",\"crc32c\":\"" + BlobBytes.crc32c(BYTES) + "\"}");
        }
    }

    @Test
    void detectsATruncatedResponse() throws Exception {
        try (ServerSocket server = serverSending("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
                HttpCall call = HttpCall.connect(server.getLocalPort())) {
            call.get("/");

            assertThat(call.status()).isEqualTo(200);
            assertThatThrownBy(call::text).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void detectsAConnectionThatEndsWithoutAResponse() throws Exception {
        try (ServerSocket server = serverSending("");
                HttpCall call = HttpCall.connect(server.getLocalPort())) {
            call.get("/");

            assertThatThrownBy(call::status).isInstanceOf(IOException.class);
        }
    }

    @Test
    void skipsInterimResponses() throws Exception {
        try (ServerSocket server =
                        serverSending("HTTP/1.1 100 Continue\r\nA: 1\r\n\r\nHTTP/1.1 404 Not Found\r\nB: 2\r\n\r\n");
                HttpCall call = HttpCall.connect(server.getLocalPort())) {
            call.get("/");

            assertThat(call.status()).isEqualTo(404);
            assertThat(call.header("a")).isEmpty();
            assertThat(call.header("b")).contains("2");
        }
    }

    /** Starts a server that reads one head, sends these bytes, and closes the connection. */
    private static ServerSocket serverSending(String bytesToSend) throws IOException {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(() -> {
            try (Socket socket = server.accept()) {
                InputStream in = socket.getInputStream();
                for (int last = 0; last != 0x0d0a0d0a; ) {
                    last = last << 8 | in.read();
                }
                socket.getOutputStream().write(bytesToSend.getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                // The test has ended.
            }
        });
        thread.setDaemon(true);
        thread.start();
        return server;
    }
}
