package io.crowfly.bench.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.junit.jupiter.api.Test;

class BodiesTest {

    private static final long SIZE = 20 * 1024 * 1024 + 1;

    @Test
    void aBlobHasTheBytesThatBothSidesCanCompute() throws Exception {
        try (SimulatedEndpoint google = SimulatedEndpoint.open(EndpointSpec.of(Dialect.google("t")))) {
            Caller caller = new Caller(google, "authorization", "Bearer t");
            String path = Caller.GOOGLE_CHAT.replace("chat/completions", "blob?size=" + SIZE);
            var answer = caller.open(caller.request(path).build());
            assertThat(answer.headers().firstValueAsLong("content-length")).hasValue(SIZE);
            CRC32C crc = new CRC32C();
            try (InputStream body = new CheckedInputStream(answer.body(), crc)) {
                assertThat(body.transferTo(OutputStream.nullOutputStream())).isEqualTo(SIZE);
            }
            assertThat(BlobBytes.hex(crc)).isEqualTo(BlobBytes.crc32c(SIZE));
        }
    }

    @Test
    void aSinkCountsWhatItWasSent() throws Exception {
        try (SimulatedEndpoint azure = SimulatedEndpoint.open(EndpointSpec.of(Dialect.azure("k")))) {
            byte[] bytes = new byte[5_000_003];
            BlobBytes.fill(bytes, 0);
            Caller caller = new Caller(azure, "api-key", "k");
            var answer = caller.send(caller.request("/openai/v1/sink")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(bytes))
                    .build());
            assertThat(answer.body())
                    .isEqualTo("{\"bytes\":5000003,\"crc32c\":\"" + BlobBytes.crc32c(5_000_003) + "\"}");
            assertThat(azure.seen().bytesReceived()).isEqualTo(5_000_003);
        }
    }

    @Test
    void aSlowSinkTakesEverythingInTheEnd() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(Dialect.openai()))) {
            Caller caller = new Caller(openai);
            var answer = caller.post("/v1/sink?rate=20000000", "x".repeat(1_000_000));
            assertThat(answer.body()).startsWith("{\"bytes\":1000000,");
            assertThat(caller.post("/v1/sink?rate=none", "x").statusCode()).isEqualTo(400);
        }
    }

    @Test
    void theModelIsFoundBehindALargeBody() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(Dialect.openai()))) {
            String large = "{\"messages\":[{\"role\":\"user\",\"content\":\"" + "å".repeat(3_000_000)
                    + "\",\"model\":\"decoy\"}],\"\\u006dodel\":\"gpt-4o\"}";
            var answer = new Caller(openai).post(Caller.OPENAI_CHAT, large);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("\"model\":\"gpt-4o\"");
            assertThat(openai.seen().bytesReceived()).isEqualTo(large.getBytes(StandardCharsets.UTF_8).length);
        }
    }
}
