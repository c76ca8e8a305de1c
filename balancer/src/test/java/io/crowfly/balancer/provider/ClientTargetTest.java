package io.crowfly.balancer.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.crowfly.balancer.provider.ClientTarget.Form;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientTargetTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            /v1/chat/completions                                                         | OPENAI | /v1/chat/completions     | -                     | -
            /v1/files?after=a%20b&limit=2                                                | OPENAI | /v1/files                | after=a%20b&limit=2   | -
            /v1/files?                                                                   | OPENAI | /v1/files                | -                     | -
            /v1/files?after=100%&a                                                       | OPENAI | /v1/files                | after=100%&a          | -
            /v1/chat/completions?api-version=preview                                     | OPENAI | /v1/chat/completions     | -                     | -
            /v1/chat/completions?model=m                                                 | OPENAI | /v1/chat/completions     | model=m               | -
            /v1/realtime?model=gpt-realtime                                              | OPENAI | /v1/realtime             | -                     | gpt-realtime
            /v1/realtime?intent=transcription                                            | OPENAI | /v1/realtime             | intent=transcription  | -
            /v1/realtime?call_id=rtc_1&model=gpt+r%2F1                                   | OPENAI | /v1/realtime             | call_id=rtc_1         | gpt r/1
            /v1/%72ealtime?model=m                                                       | OPENAI | /v1/realtime             | -                     | m
            /%6Fpenai/%76%31/files/a%2Fb%c3%a5%                                          | AZURE  | /v1/files/a%2Fb%c3%a5%   | -                     | -
            /openai/v1/responses                                                         | AZURE  | /v1/responses            | -                     | -
            /openai/v1/responses?api-version=preview&after=3                             | AZURE  | /v1/responses            | after=3               | -
            /openai/v1/realtime?model=m&api-key=secret                                   | AZURE  | /v1/realtime             | api-key=secret        | m
            /v1/realtime?intent=a;model=m;call_id=b                                      | OPENAI | /v1/realtime             | intent=a;call_id=b    | m
            /openai/realtime?api-version=2025-04-01-preview&deployment=m                 | AZURE  | /v1/realtime             | -                     | m
            /openai/deployments/gpt-4.1/chat/completions?api-version=2024-10-21          | AZURE  | /v1/chat/completions     | -                     | gpt-4.1
            /openai/deployments/google%2Fgemini/chat/completions?API-Version=2024-10-21  | AZURE  | /v1/chat/completions     | -                     | google/gemini
            /openai/deployments/bl%C3%A5b%c3%a6r+/embeddings?api%2Dversion=1&a=b         | AZURE  | /v1/embeddings           | a=b                   | blåbær+
            /openai/deployments/m/images/generations                                     | AZURE  | /v1/images/generations   | -                     | m
            /openai/files/file-1/content?api-version=2024-10-21&subscription-key=secret  | AZURE  | /v1/files/file-1/content | subscription-key=secret | -
            /openai/vector_stores?api-version=1&limit=2                                  | AZURE  | /v1/vector_stores        | limit=2               | -
            /openai/responses                                                            | OTHER  | /openai/responses        | -                     | -
            /openai/deployments/m?api-version=1                                          | AZURE  | /v1/deployments/m        | -                     | -
            /openai/?api-version=1                                                       | OTHER  | /openai/                 | api-version=1         | -
            /openaiv1/models                                                             | OTHER  | /openaiv1/models         | -                     | -
            /chat/completions                                                            | OPENAI | /v1/chat/completions     | -                     | -
            /chat/completions/?a=b                                                       | OPENAI | /v1/chat/completions     | a=b                   | -
            /chat%2Fcompletions                                                          | OTHER  | /chat%2Fcompletions      | -                     | -
            /Chat/completions                                                            | OPENAI | /v1/Chat/completions     | -                     | -
            /%72esponses/resp_1/                                                         | OPENAI | /v1/responses/resp_1     | -                     | -
            /realtime/?model=m                                                           | OPENAI | /v1/realtime             | -                     | m
            /models                                                                      | OPENAI | /v1/models               | -                     | -
            /modelsx                                                                     | OTHER  | /modelsx                 | -                     | -
            /v1/models/                                                                  | OPENAI | /v1/models               | -                     | -
            /v1/models%2F                                                                | OPENAI | /v1/models%2F            | -                     | -
            /v1/                                                                         | OPENAI | /v1/                     | -                     | -
            /openai/v1/embeddings/                                                       | AZURE  | /v1/embeddings           | -                     | -
            /openai/deployments/m/embeddings/?api-version=1                              | AZURE  | /v1/embeddings           | -                     | m
            /openai/deployments/m/                                                       | AZURE  | /v1/                     | -                     | m
            /openai/files/?api-version=1                                                 | AZURE  | /v1/files                | -                     | -
            /metrics/                                                                    | OTHER  | /metrics/                | -                     | -
            /v1                                                                          | OTHER  | /v1                      | -                     | -
            /                                                                            | OTHER  | /                        | -                     | -
            /metrics?model=m&api-key=k                                                   | OTHER  | /metrics                 | model=m&api-key=k     | -
            """)
    void convertsEveryDialectToOpenAisForm(String target, Form form, String path, String query, String model) {
        ClientTarget parsed = ClientTarget.parse(target);
        assertThat(parsed.form()).isEqualTo(form);
        assertThat(parsed.isMalformed()).isFalse();
        assertThat(parsed.path()).isEqualTo(path);
        assertThat(parsed.query()).isEqualTo(query == null ? "" : query);
        assertThat(parsed.model().orElse(null)).isEqualTo(model);
        assertThat(parsed.original()).isEqualTo(target);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/openai/deployments/%20/chat/completions",
                "/openai/deployments/a%0d%0ab/chat/completions",
                "/openai/deployments/a%00/chat/completions",
                "/openai/deployments/%c2%85/chat/completions",
                "/openai/deployments/a%/chat/completions",
                "/openai/deployments/a%4/chat/completions",
                "/openai/deployments/a%zz/chat/completions",
                "/openai/deployments/%c0%af/chat/completions",
                "/openai/deployments/%ff/chat/completions",
                "/openai/deployments/bl\u00e5/chat/completions",
                "/openai/deployments/%c3\u00a5/chat/completions",
                "/v1/realtime?model=",
                "/v1/realtime?model",
                "/v1/realtime?model=a&model=a",
                "/v1/realtime?model=a&deployment=b",
                "/v1/realtime?model=a;model=b",
                "/v1/realtime?intent=x;MODEL=a&model=b",
                "/v1/realtime?model=%0a",
                "/v1/realtime?%6dodel=a&model=b",
            })
    void treatsAnUnreadableNameAsMalformed(String target) {
        ClientTarget parsed = ClientTarget.parse(target);
        assertThat(parsed.isMalformed()).isTrue();
        assertThat(parsed.model()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/../secret",
                "/v1/x/..",
                "/models/..",
                "/models//",
                "/v1/models//",
                "/v1/./models",
                "/v1/%2e%2E/secret",
                "/v1\\..\\secret",
                "/v1/..;/secret",
                "/v1;../secret",
                "/openai/deployments/../chat/completions",
                "/openai/deployments/a%2f..%2fb/chat/completions",
                "/openai/v1/..%5csecret",
            })
    void marksAPathThatServersMayReadInSeveralWaysAsAmbiguous(String target) {
        assertThat(ClientTarget.parse(target).form()).isEqualTo(Form.AMBIGUOUS);
    }

    @Test
    void keepsAnUnknownTargetAsTheClientSentIt() {
        ClientTarget parsed = ClientTarget.parse("/%6detrics?%61");
        assertThat(parsed.path()).isEqualTo("/metrics");
        assertThat(parsed.original()).isEqualTo("/%6detrics?%61");
    }

    @Test
    void doesNotCopyAPlainPath() {
        String target = "/v1/chat/completions";
        assertThat(ClientTarget.parse(target).path()).isSameAs(target);
    }

    @Provide
    Arbitrary<String> targets() {
        return Arbitraries.of(
                        "/v1/",
                        "/openai/",
                        "deployments/",
                        "realtime",
                        "?",
                        "&",
                        "=",
                        "%",
                        "%2f",
                        "model",
                        "api-version",
                        "å",
                        ".",
                        "/",
                        "",
                        "+",
                        "%00",
                        ";")
                .list()
                .ofMaxSize(12)
                .map(parts -> "/" + String.join("", parts));
    }

    @Property(seed = "1")
    void parsesAnyInput(@ForAll("targets") String target) {
        assertThatCode(() -> ClientTarget.parse(target)).doesNotThrowAnyException();
    }

    @Property(seed = "1")
    void encodingAndDecodingPreservesAName(@ForAll String name) {
        String readable = name.codePoints()
                .filter(c -> !Character.isISOControl(c) && Character.getType(c) != Character.SURROGATE)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        String encoded = PercentEncoding.encode(readable);
        assertThat(encoded).matches("[A-Za-z0-9._~%-]*");
        assertThat(PercentEncoding.decode(encoded)).contains(readable);
        assertThat(PercentEncoding.decodeInQuery(encoded)).contains(readable);
    }
}
