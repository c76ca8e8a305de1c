package io.crowfly.bench.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.junit.jupiter.api.Test;

class BlobAndSinkTest {

    private static final long SIZE = 20 * 1024 * 1024 + 1;

    @Test
    void aBlobHasTheBytesThatBothSidesCanCompute() throws Exception {
        try (SimulatedEndpoint google = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.google("t")))) {
            EndpointClient caller = new EndpointClient(google, "authorization", "Bearer t");
            String path = EndpointClient.GOOGLE_CHAT.replace("chat/completions", "blob?size=" + SIZE);
            var response = caller.sendStreaming(caller.request(path).build());
            assertThat(response.headers().firstValueAsLong("content-length")).hasValue(SIZE);
            CRC32C crc = new CRC32C();
            try (InputStream body = new CheckedInputStream(response.body(), crc)) {
                assertThat(body.transferTo(OutputStream.nullOutputStream())).isEqualTo(SIZE);
            }
            assertThat(BlobBytes.hex(crc)).isEqualTo(BlobBytes.crc32c(SIZE));
        }
    }

    @Test
    void aSinkCountsReceivedBytes() throws Exception {
        try (SimulatedEndpoint azure = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.azure("k")))) {
            byte[] bytes = new byte[5_000_003];
            BlobBytes.fill(bytes, 0);
            EndpointClient caller = new EndpointClient(azure, "api-key", "k");
            var response = caller.send(caller.request("/openai/v1/sink")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(bytes))
                    .build());
            assertThat(response.body())
                    .isEqualTo("{\"bytes\":5000003,\"crc32c\":\"" + BlobBytes.crc32c(5_000_003) + "\"}");
            assertThat(azure.statistics().bytesReceived()).isEqualTo(5_000_003);
        }
    }

    @Test
    void aSlowSinkReadsEverythingEventually() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()))) {
            EndpointClient caller = new EndpointClient(openai);
            var response = caller.post("/v1/sink?rate=20000000", "x".repeat(1_000_000));
            assertThat(response.body()).startsWith("{\"bytes\":1000000,");
            assertThat(caller.post("/v1/sink?rate=none", "x").statusCode()).isEqualTo(400);
        }
    }

    @Test
    void theModelIsFoundAfterALargeMessage() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()))) {
            String large = "{\"messages\":[{\"role\":\"user\",\"content\":\"" + "å".repeat(3_000_000)
                    + "\",\"model\":\"decoy\"}],\"\\u006dodel\":\"gpt-4o\"}";
            var response = new EndpointClient(openai).post(EndpointClient.OPENAI_CHAT, large);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body()).contains("\"model\":\"gpt-4o\"");
            assertThat(openai.statistics().bytesReceived()).isEqualTo(large.getBytes(StandardCharsets.UTF_8).length);
        }
    }
}
