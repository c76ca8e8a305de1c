package io.crowfly.balancer.provider;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TranslatedErrorTest {

    private static final long NOW = Instant.parse("2026-10-05T09:15:00Z").toEpochMilli();

    private static HttpHeaders headers(String... namesAndValues) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static TranslatedError translated(int status, HttpHeaders headers, byte[] body) {
        return TranslatedError.translate(status, headers, body, NOW);
    }

    private static String text(TranslatedError error) {
        return error.body()
                .map(body -> new String(body, StandardCharsets.UTF_8))
                .orElse("as it is");
    }

    /** Checks the translation. The expected message is the first message of the recorded body. */
    private static void isTranslated(String name, String type, String code) throws IOException {
        RecordedError recorded = RecordedError.read(name);
        TranslatedError error = translated(recorded.status(), recorded.headers(), recorded.bytes());
        String message = recorded.body().replaceFirst("(?s).*?\"message\":(\"(?:[^\"\\\\]|\\\\.)*\").*", "$1");
        assertThat(text(error))
                .isEqualTo("{\"error\":{\"message\":" + message + ",\"type\":" + type + ",\"param\":null,\"code\":"
                        + code + "}}");
        assertThat(error.status()).isEqualTo(recorded.status());
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            google-400,       "INVALID_ARGUMENT",    "400"
            google-401,       "UNAUTHENTICATED",     "401"
            google-403,       "PERMISSION_DENIED",   "403"
            google-404,       "NOT_FOUND",           "404"
            google-429,       "RESOURCE_EXHAUSTED",  "429"
            google-429-array, "RESOURCE_EXHAUSTED",  "429"
            google-500,       "INTERNAL",            "500"
            google-503,       "UNAVAILABLE",         "503"
            google-504,       "DEADLINE_EXCEEDED",   "504"
            """)
    void convertsGooglesErrors(String name, String type, String code) throws IOException {
        isTranslated(name, type, code);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            azure-401-key,         "authentication_error",  "401"
            azure-401-token,       "authentication_error",  "401"
            azure-403,             "permission_error",      "PermissionDenied"
            azure-404,             "invalid_request_error", "DeploymentNotFound"
            azure-408,             "invalid_request_error", "Timeout"
            azure-429,             "rate_limit_error",      "429"
            azure-429-a-day,       "rate_limit_error",      "429"
            azure-429-provisioned, "rate_limit_error",      "429"
            """)
    void completesAzuresErrors(String name, String type, String code) throws IOException {
        isTranslated(name, type, code);
    }

    @ParameterizedTest
    @ValueSource(strings = {"azure-400-filter", "azure-400-lost", "azure-429-no-hint", "azure-500", "openai-404"})
    void keepsErrorsInOpenAisShape(String name) throws IOException {
        RecordedError recorded = RecordedError.read(name);
        assertThat(translated(recorded.status(), recorded.headers(), recorded.bytes())
                        .body())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            azure-503-page,  503, upstream_error
            google-502-page, 502, upstream_error
            azure-431,       431, invalid_request_error
            """)
    void usesItsOwnMessageForPagesAndEmptyBodies(String name, int status, String type) throws IOException {
        RecordedError recorded = RecordedError.read(name);
        TranslatedError error = translated(recorded.status(), recorded.headers(), recorded.bytes());
        assertThat(text(error))
                .isEqualTo("{\"error\":{\"message\":\"The backend responded with status " + status
                        + " and gave no reason.\",\"type\":\"" + type + "\",\"param\":null,\"code\":\"" + status
                        + "\"}}");
        error.applyTo(recorded.headers());
        assertThat(recorded.headers().get("content-type")).isEqualTo("application/json");
        assertThat(recorded.headers().getInt("content-length"))
                .isEqualTo(error.body().orElseThrow().length);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"error":{"message":"m","type":"t","param":null,"code":400}}              | {"message":"m","type":"t","param":null,"code":"400"}
            {"object":"error","message":"m","type":"t","param":"p","code":400}        | {"message":"m","type":"t","param":"p","code":"400"}
            {"detail":"Not Found"}                                                    | {"message":"Not Found","type":"invalid_request_error","param":null,"code":null}
            {"error":"invalid_grant","error_description":"m"}                         | {"message":"m","type":"invalid_request_error","param":null,"code":"invalid_grant"}
            {"error":"m"}                                                             | {"message":"m","type":"invalid_request_error","param":null,"code":null}
            {"code":"NotAuthenticated","message":"m"}                                 | {"message":"m","type":"invalid_request_error","param":null,"code":"NotAuthenticated"}
            {"a":[{"error":{"message":"x"}}],"error":{"message":"m","type":{"x":1}}}  | {"message":"m","type":"invalid_request_error","param":null,"code":null}
            {"error":{"message":"m","code":"c","innererror":{"code":"i","x":[1,{}]},"status":400},"id":1} | {"message":"m","type":"invalid_request_error","param":null,"code":"c","innererror":{"code":"i","x":[1,{}]},"status":400}
            [{"error":{"message":"m \\u00e5 \\"q\\"","code":8,"status":"S"}},{"error":{}}] | {"message":"m å \\"q\\"","type":"S","param":null,"code":"8"}
            """)
    void convertsOtherShapes(String body, String error) {
        assertThat(text(translated(400, headers(), utf8(body)))).isEqualTo("{\"error\":" + error + "}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\":{\"message\":\"m\"",
                "{\"error\":{}}",
                "{}",
                "[]",
                "[1]",
                "\"m\"",
                "null",
                "upstream connect error",
                "\u0000",
                "{\"detail\":[{\"msg\":\"m\"}]}"
            })
    void usesItsOwnMessageIfTheBodyHasNone(String body) {
        assertThat(text(translated(500, headers("content-type", "application/json"), utf8(body))))
                .contains(
                        "\"message\":\"The backend responded with status 500 and gave no reason.\"",
                        "\"code\":\"500\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            azure-429             ; 11480 ; 12
            azure-429-a-day       ; 60000 ; 60
            azure-429-no-hint     ; -1    ;
            azure-429-provisioned ; 350   ; 1
            azure-503-page        ; 5000  ; 5
            google-429            ; -1    ;
            google-429-array      ; 17000 ; 17
            """)
    void setsTheRetryDelayInHeadersThatAllClientsUnderstand(String name, long millis, String seconds)
            throws IOException {
        RecordedError recorded = RecordedError.read(name);
        TranslatedError error = translated(recorded.status(), recorded.headers(), recorded.bytes());
        assertThat(error.retryAfterMillis()).isEqualTo(millis);
        error.applyTo(recorded.headers());
        assertThat(recorded.headers().get("retry-after")).isEqualTo(seconds);
        assertThat(recorded.headers().get("retry-after-ms")).isEqualTo(millis < 0 ? null : Long.toString(millis));
    }

    @Test
    void usesTheResetOfAQuotaOnlyForStatus429() {
        HttpHeaders reset = headers("x-ratelimit-reset-tokens", "6m0s");
        assertThat(translated(429, reset, utf8("{}")).retryAfterMillis()).isEqualTo(60_000);
        assertThat(translated(400, reset, utf8("{}")).retryAfterMillis()).isEqualTo(TranslatedError.NO_RETRY_AFTER);
    }

    @Test
    void removesUnreadableRetryHeaders() {
        HttpHeaders headers = headers("retry-after", "-1", "x-ms-retry-after-ms", "soon", "x-other", "1");
        translated(503, headers, utf8("{}")).applyTo(headers);
        assertThat(headers.names())
                .doesNotContain("retry-after", "x-ms-retry-after-ms", "retry-after-ms")
                .contains("x-other");
    }

    private static byte[] zipped(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write(plain);
        }
        return bytes.toByteArray();
    }

    @Test
    void decodesGzipAndReturnsPlainText() throws IOException {
        RecordedError recorded = RecordedError.read("google-404");
        HttpHeaders headers = headers("content-encoding", "gzip", "etag", "\"1\"");
        TranslatedError error = translated(404, headers, zipped(recorded.bytes()));
        assertThat(text(error)).contains("Publisher Model", "\"type\":\"NOT_FOUND\"");
        error.applyTo(headers);
        assertThat(headers.names()).doesNotContain("content-encoding", "etag");
    }

    @Test
    void keepsUnreadableBodies() throws IOException {
        byte[] body = RecordedError.read("google-404").bytes();
        assertThat(translated(404, headers("content-encoding", "br"), body).body())
                .isEmpty();
        assertThat(translated(404, headers("content-encoding", "gzip"), body).body())
                .isEmpty();
        assertThat(translated(404, headers("content-encoding", "gzip, br"), body)
                        .body())
                .isEmpty();
        byte[] cut = zipped(body);
        assertThat(translated(404, headers("content-encoding", "gzip"), Arrays.copyOf(cut, cut.length / 2))
                        .body())
                .isEmpty();
        HttpHeaders headers = headers("content-encoding", "br", "content-type", "x", "retry-after", "3");
        translated(503, headers, body).applyTo(headers);
        assertThat(headers.get("content-encoding")).isEqualTo("br");
        assertThat(headers.get("content-type")).isEqualTo("x");
        assertThat(headers.get("retry-after-ms")).isEqualTo("3000");
    }

    @Test
    void keepsBodiesThatAreTooLong() throws IOException {
        byte[] bomb = new byte[TranslatedError.MAX_BYTES + 1];
        assertThat(translated(500, headers(), bomb).body()).isEmpty();
        assertThat(translated(500, headers("content-encoding", "gzip"), zipped(bomb))
                        .body())
                .isEmpty();
        assertThat(translated(500, headers(), Arrays.copyOf(bomb, TranslatedError.MAX_BYTES))
                        .body())
                .isPresent();
    }

    @Provide
    Arbitrary<String> bodies() {
        return Arbitraries.of(
                        "{",
                        "}",
                        "[",
                        "]",
                        ":",
                        ",",
                        "\"error\"",
                        "\"message\"",
                        "\"code\"",
                        "\"details\"",
                        "\"@type\"",
                        "\"retryDelay\"",
                        "\"type\"",
                        "\"param\"",
                        "\"status\"",
                        "null",
                        "1",
                        "\"x\"",
                        "\"17s\"",
                        "true",
                        "{\"error\":{",
                        "<html>")
                .list()
                .ofMaxSize(24)
                .map(parts -> String.join("", parts));
    }

    @Property(seed = "1", tries = 3000)
    void anyBodyBecomesJsonWithAnError(@ForAll("bodies") String body) throws IOException {
        TranslatedError error = translated(502, headers(), utf8(body));
        byte[] given = error.body().orElse(utf8(body));
        boolean message = false;
        try (JsonParser json = new JsonFactory().createParser(given)) {
            while (json.nextToken() != null) {
                message |= "message".equals(json.currentName());
            }
        }
        assertThat(message).isTrue();
    }
}
