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
            POST    | /v1/chat/completions         | {"messages":[]}                             | GENERATING
            POST    | /v1/chat/completions?a=b     | {"messages":[]}                             | GENERATING
            POST    | /v1/chat/completions         | {"store":false}                             | GENERATING
            POST    | /v1/chat/completions         | {"store":null}                              | GENERATING
            POST    | /v1/chat/completions         | {"store":true}                              | CREATING
            POST    | /v1/chat/completions         | {"store":true,"store":false}                | CREATING
            POST    | /v1/chat/completions         | {"metadata":{"store":true}}                 | GENERATING
            POST    | /v1/chat/completions/chat_1  | {}                                          | CREATING
            POST    | /v1/completions              | {}                                          | GENERATING
            POST    | /v1/embeddings               | {}                                          | GENERATING
            POST    | /v1/moderations              | {}                                          | GENERATING
            POST    | /v1/images/generations       | {}                                          | GENERATING
            POST    | /v1/audio/speech             | {}                                          | GENERATING
            POST    | /v1/responses                | {}                                          | GENERATING
            POST    | /v1/responses                | {"store":null}                              | GENERATING
            POST    | /v1/responses                | {"store":true}                              | GENERATING
            POST    | /v1/responses                | {"store":false}                             | GENERATING
            POST    | /v1/responses                | {"input":[{"conversation":"c"}]}            | GENERATING
            POST    | /v1/responses                | {"previous_response_id":null}               | GENERATING
            POST    | /v1/responses                | {"previous_response_id":"r"}                | CONTINUING
            POST    | /v1/responses                | {"store":false,"previous_response_id":"r"}  | CONTINUING
            POST    | /v1/responses                | {"background":false,"conversation":null}    | GENERATING
            POST    | /v1/responses                | {"background":true}                         | CREATING
            POST    | /v1/responses                | {"conversation":"c"}                        | CREATING
            POST    | /v1/responses                | {"conversation":{"id":"c"}}                 | CREATING
            POST    | /v1/responses                | {"\u0063onversation":"c"}                  | CREATING
            POST    | /v1/responses                | {"previous_response_id":"r","background":true} | CREATING
            POST    | /v1/responses                | {"input":NaN,"background":true}             | CREATING
            POST    | /v1/responses                | [{"background":true}]                       | CREATING
            POST    | /v1/responses                |                                             | GENERATING
            POST    | /v1/responses/input_tokens   | {}                                          | GENERATING
            POST    | /v1/responses/input_tokens   | {"previous_response_id":"r"}                | CONTINUING
            POST    | /v1/responses/compact        | {"previous_response_id":"r"}                | CONTINUING
            POST    | /v1/responses/r/cancel       | {}                                          | CREATING
            POST    | /v1/files                    | {}                                          | CREATING
            POST    | /v1/batches                  | {}                                          | CREATING
            PUT     | /v1/chat/completions         | {}                                          | CREATING
            POST    | /                            | {}                                          | CREATING
            """)
    void dependsOnMethodPathAndFieldsOfTheBody(String method, String target, String body, RetryClass expected) {
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
