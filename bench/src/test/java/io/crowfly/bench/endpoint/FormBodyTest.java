package io.crowfly.bench.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import io.crowfly.bench.endpoint.request.FormBody;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FormBodyTest {

    private static final String FORM = "--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nm\r\n"
            + "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n" + "x".repeat(1000)
            + "\r\n--b--\r\n";

    @Test
    void readsAFormInPiecesOfAnySize() {
        for (int size : new int[] {1, 2, 3, 7, FORM.length()}) {
            FormBody body = new FormBody(request("multipart/form-data; boundary=b"));
            feed(body, FORM, size);
            assertThat(body.finish()).hasValueSatisfying(request -> {
                assertThat(request.model()).isEqualTo("m");
                assertThat(request.upload().orElseThrow().content()).hasSize(1000);
            });
        }
    }

    @Test
    void anIncompleteFormIsRefused() {
        for (int length = 0; length < FORM.length() - "--\r\n".length(); length += 13) {
            FormBody half = new FormBody(request("multipart/form-data; boundary=b"));
            feed(half, FORM.substring(0, length), 100);
            assertThat(half.finish()).as("after " + length).isEmpty();
        }
        FormBody json = new FormBody(request("application/json"));
        feed(json, "{}", 100);
        assertThat(json.finish()).isEmpty();
    }

    @Test
    void aRepeatedFieldIsRefused() {
        FormBody body = new FormBody(request("multipart/form-data; boundary=b"));
        feed(body, "--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nother\r\n" + FORM, 100);
        assertThat(body.finish()).isEmpty();
    }

    @Test
    void aClientThatDisconnectsInTheMiddleIsCounted() throws Exception {
        try (SimulatedEndpoint openai = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()))) {
            String half = FORM.substring(0, FORM.length() / 2);
            try (Socket socket = new Socket("127.0.0.1", openai.port())) {
                OutputStream out = socket.getOutputStream();
                out.write(("POST /v1/files HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=b\r\n"
                                + "content-length: " + FORM.length() + "\r\n\r\n" + half)
                        .getBytes(StandardCharsets.UTF_8));
                await().until(() -> openai.statistics().bytesReceived() == half.length());
            }
            await().until(() -> openai.statistics().cancelled() == 1);
            assertThat(new EndpointClient(openai).get("/v1/files").body()).contains("\"data\":[]");
        }
    }

    private static HttpRequest request(String type) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/v1/files");
        request.headers().set("content-type", type);
        return request;
    }

    private static void feed(FormBody body, String text, int size) {
        for (int from = 0; from < text.length(); from += size) {
            body.feed(Unpooled.copiedBuffer(
                    text.substring(from, Math.min(text.length(), from + size)), StandardCharsets.UTF_8));
        }
    }
}
