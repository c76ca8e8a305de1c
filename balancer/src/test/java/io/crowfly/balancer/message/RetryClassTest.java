package io.crowfly.balancer.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.transport.DirectMemory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryClassTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET     | /v1/models                   |                                             | SAFE
            HEAD    | /v1/files/file-1             |                                             | SAFE
            GET     | /v1/responses/resp_1?stream=true |                                         | SAFE
            DELETE  | /v1/files/file-1             |                                             | CREATING
            POST    | /v1/chat/completions         | {"messages":[]}                             | STATELESS
            POST    | /v1/chat/completions?a=b     | {"messages":[]}                             | STATELESS
            POST    | /v1/chat/completions         | {"store":false}                             | STATELESS
            POST    | /v1/chat/completions         | {"store":null}                              | STATELESS
            POST    | /v1/chat/completions         | {"store":true}                              | CREATING
            POST    | /v1/chat/completions         | {"store":true,"store":false}                | CREATING
            POST    | /v1/chat/completions         | {"metadata":{"store":true}}                 | STATELESS
            POST    | /v1/chat/completions/chat_1  | {}                                          | CREATING
            POST    | /v1/completions              | {}                                          | STATELESS
            POST    | /v1/embeddings               | {}                                          | STATELESS
            POST    | /v1/moderations              | {}                                          | STATELESS
            POST    | /v1/images/generations       | {}                                          | STATELESS
            POST    | /v1/audio/speech             | {}                                          | STATELESS
            POST    | /v1/responses                | {}                                          | CREATING
            POST    | /v1/responses                | {"store":null}                              | CREATING
            POST    | /v1/responses                | {"store":false}                             | STATELESS
            POST    | /v1/responses                | {"store":false,"previous_response_id":null} | STATELESS
            POST    | /v1/responses                | {"store":false,"previous_response_id":"r"}  | CREATING
            POST    | /v1/responses                | {"store":false,"conversation":{"id":"c"}}   | CREATING
            POST    | /v1/responses                | {"store":false,"background":true}           | CREATING
            POST    | /v1/responses/input_tokens   | {}                                          | STATELESS
            POST    | /v1/responses/input_tokens   | {"previous_response_id":"r"}                | CREATING
            POST    | /v1/responses/r/cancel       | {}                                          | CREATING
            POST    | /v1/files                    | {}                                          | CREATING
            POST    | /v1/batches                  | {}                                          | CREATING
            PUT     | /v1/chat/completions         | {}                                          | CREATING
            POST    | /                            | {}                                          | CREATING
            """)
    void dependsOnMethodPathAndStorageFieldsOfTheBody(String method, String target, String body, RetryClass expected) {
        String text = body == null ? "" : body;
        Request request = new Request(
                new RequestHead(
                        HttpMethod.valueOf(method),
                        "http",
                        "h",
                        target,
                        DefaultHttpHeadersFactory.headersFactory().newHeaders(),
                        text.length(),
                        false),
                "id",
                new HeldMemory(DirectMemory.ofJvm()));
        ByteBuf data = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
        request.onBody(data);
        data.release();
        assertThat(request.retryClass()).isEqualTo(expected);
    }
}
