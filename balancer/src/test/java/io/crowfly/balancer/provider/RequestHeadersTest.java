package io.crowfly.balancer.provider;

import static io.crowfly.balancer.provider.TestDialects.dialect;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.conf.BackendHeaders;
import io.crowfly.conf.Provider;
import io.crowfly.conf.value.Secret;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RequestHeadersTest {

    private enum Kind {
        AZURE(new Provider.Azure()),
        VERTEX(new Provider.Google("p", "europe-west4")),
        GEMINI(new Provider.Gemini()),
        OPENAI(new Provider.OpenAi());

        final Provider provider;

        Kind(Provider provider) {
            this.provider = provider;
        }
    }

    private static final AttachedCredential CONF_BEARER =
            new AttachedCredential.Header(AsciiString.of("authorization"), "Bearer ours");
    private static final AttachedCredential CONF_KEY = new AttachedCredential.Header(AsciiString.of("api-key"), "ours");

    private static final String CREDENTIALS = "Authorization: Bearer theirs|Api-Key: theirs|X-Goog-Api-Key: theirs"
            + "|X-Api-Key: theirs|X-Auth-Token: theirs|Ocp-Apim-Subscription-Key: theirs|apikey: theirs"
            + "|X-Authorization: theirs|x-litellm-api-key: theirs|OpenAI-Api-Key: theirs|Authentication: theirs"
            + "|Cookie: theirs|X_API_KEY: theirs|client-secret: theirs|X-Amzn-Oidc-Accesstoken: theirs"
            + "|X-Goog-Iap-Jwt-Assertion: theirs|x-%6bey: theirs|x-password: theirs";

    private static List<String> upstreamHeaders(
            Kind kind, BackendHeaders conf, AttachedCredential attached, String lines) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        for (String line : lines.split("\\|")) {
            int colon = line.indexOf(':');
            headers.add(
                    line.substring(0, colon).trim(), line.substring(colon + 1).trim());
        }
        dialect(kind.provider, "https://a.test", conf).prepareHeaders(headers, attached);
        List<String> sent = new ArrayList<>();
        headers.forEach(header -> sent.add(header.getKey().toLowerCase(Locale.ROOT) + ": " + header.getValue()));
        return sent;
    }

    private static List<String> upstreamHeaders(Kind kind, AttachedCredential attached, String lines) {
        return upstreamHeaders(kind, BackendHeaders.NONE, attached, lines);
    }

    @ParameterizedTest
    @EnumSource
    void replacesTheClientsCredentialByTheConfs(Kind kind) {
        assertThat(upstreamHeaders(kind, CONF_BEARER, CREDENTIALS + "|accept: */*"))
                .containsExactlyInAnyOrder("accept: */*", "authorization: Bearer ours");
    }

    @ParameterizedTest
    @EnumSource
    void removesTheClientsCredentialIfTheConfHasNone(Kind kind) {
        assertThat(upstreamHeaders(kind, new AttachedCredential.None(), CREDENTIALS + "|accept: */*"))
                .containsExactly("accept: */*");
        assertThat(upstreamHeaders(kind, new AttachedCredential.Missing("token"), CREDENTIALS + "|accept: */*"))
                .containsExactly("accept: */*");
    }

    @Test
    void sendsAKeyInTheProvidersHeader() {
        assertThat(upstreamHeaders(Kind.AZURE, CONF_KEY, "accept: */*")).contains("api-key: ours");
        assertThat(upstreamHeaders(Kind.OPENAI, CONF_KEY, "accept: */*")).contains("api-key: ours");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            OPENAI | authorization: Bearer sk   | authorization: Bearer sk
            OPENAI | api-key: key               | authorization: Bearer key
            GEMINI | api-key: key               | authorization: Bearer key
            GEMINI | x-goog-api-key: key        | authorization: Bearer key
            VERTEX | authorization: Bearer ya29 | authorization: Bearer ya29
            AZURE  | api-key: key               | api-key: key
            AZURE  | authorization: Bearer key  | api-key: key
            AZURE  | authorization: bearer key  | api-key: key
            AZURE  | authorization: Bearer eyJh.b.c | authorization: Bearer eyJh.b.c
            AZURE  | authorization: Bearer ek_1 | authorization: Bearer ek_1
            AZURE  | authorization: Basic a2V5  | authorization: Basic a2V5
            AZURE  | ocp-apim-subscription-key: key | ocp-apim-subscription-key: key
            AZURE  | x-api-key: key             | x-api-key: key
            VERTEX | x-goog-user-project: p     | x-goog-user-project: p
            OPENAI | x-litellm-api-key: key     | x-litellm-api-key: key
            OPENAI | cookie: session=1          | cookie: session=1
            """)
    void movesTheClientsCredentialToTheProvidersHeader(Kind kind, String header, String expected) {
        assertThat(upstreamHeaders(kind, new AttachedCredential.Passthrough(), header))
                .containsExactly(expected);
    }

    @Test
    void aKeyAmongWebSocketProtocolsIsAClientsCredentialToo() {
        String protocols = "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.theirs"
                + "|Sec-WebSocket-Protocol: openai-organization.o,openai-project.p, openai-beta.realtime-v1";
        assertThat(upstreamHeaders(Kind.OPENAI, CONF_BEARER, protocols))
                .containsExactlyInAnyOrder(
                        "sec-websocket-protocol: realtime, openai-beta.realtime-v1", "authorization: Bearer ours");
        assertThat(upstreamHeaders(Kind.AZURE, CONF_BEARER, "Sec-WebSocket-Protocol: openai-insecure-api-key.theirs"))
                .containsExactly("authorization: Bearer ours");
        assertThat(upstreamHeaders(Kind.OPENAI, new AttachedCredential.Passthrough(), protocols))
                .contains("sec-websocket-protocol: realtime, openai-insecure-api-key.theirs");
    }

    @ParameterizedTest
    @EnumSource
    void aProtocolThatTheApiDoesNotKnowMayBeACredential(Kind kind) {
        String offered = "Sec-WebSocket-Protocol: realtime, bearer, eyJh.b.c, base64url.bearer.authorization.k8s.io.Yg";
        assertThat(upstreamHeaders(kind, CONF_BEARER, offered))
                .containsExactlyInAnyOrder("sec-websocket-protocol: realtime", "authorization: Bearer ours");
        assertThat(upstreamHeaders(kind, TestDialects.passing("sec-*"), CONF_BEARER, offered))
                .contains("sec-websocket-protocol: realtime");
        assertThat(upstreamHeaders(
                        kind,
                        TestDialects.passing("sec-websocket-protocol"),
                        CONF_BEARER,
                        "Sec-WebSocket-Protocol: realtime, v2.voice"))
                .contains("sec-websocket-protocol: realtime, v2.voice");
    }

    @ParameterizedTest
    @EnumSource
    void aRealtimeSecretIsTheOnlyCredentialAndSentAsBearer(Kind kind) {
        assertThat(upstreamHeaders(
                        kind,
                        new AttachedCredential.RealtimeSecret("ek_1"),
                        CREDENTIALS + "|Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.ek_1"))
                .containsExactlyInAnyOrder("sec-websocket-protocol: realtime", "authorization: Bearer ek_1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /v1/realtime?model=m     | authorization: Bearer ek_1 | ek_1
            /v1/realtime/calls       | authorization: bearer ek_1 | ek_1
            /openai/v1/realtime/calls | authorization: Bearer ek_1 | ek_1
            /v1/realtime             | sec-websocket-protocol: realtime, openai-insecure-api-key.ek_1, x | ek_1
            /v1/realtime             | sec-websocket-protocol: realtime, ek_1 |
            /v1/realtime             | authorization: Bearer sk-1 |
            /v1/realtime             | authorization: Basic ek_1 |
            /v1/realtime             | api-key: ek_1 |
            /v1/realtime             | accept: ek_1 |
            /v1/realtime/calls/rtc_1/hangup | authorization: Bearer ek_1 |
            /v1/realtime/client_secrets | authorization: Bearer ek_1 |
            /v1/responses            | authorization: Bearer ek_1 |
            """)
    void findsASecretOnlyInRequestsThatOpenASession(String target, String header, String secret) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        String[] parts = header.split(": ");
        headers.add(parts[0], parts[1]);
        assertThat(ClientCredential.realtimeSecret(ClientTarget.parse(target), headers))
                .isEqualTo(Optional.ofNullable(secret).map(AttachedCredential.RealtimeSecret::new));
    }

    @Test
    void sendsTheClientsCredentialOnlyOnce() {
        assertThat(upstreamHeaders(
                        Kind.OPENAI, new AttachedCredential.Passthrough(), "Authorization: Bearer a|Api-Key: b"))
                .containsExactly("authorization: Bearer a");
        assertThat(upstreamHeaders(
                        Kind.AZURE, new AttachedCredential.Passthrough(), "Authorization: Bearer a|Api-Key: b"))
                .contains("api-key: b");
    }

    private static final String PRIVATE = "Forwarded: for=a|X-Forwarded-For: a|Via: a|X-Real-IP: a|Traceparent: a"
            + "|tracestate: a|baggage: a|X-B3-TraceId: a|CF-Ray: a|Cookie: a|X-Stainless-Lang: js|X-Goog-User-Project: a"
            + "|X-HTTP-Method-Override: DELETE|OpenAI-Organization: a|OpenAI-Project: a";

    @ParameterizedTest
    @EnumSource(names = {"AZURE", "VERTEX", "GEMINI"})
    void cloudsReceiveNothingAboutTheClient(Kind kind) {
        assertThat(upstreamHeaders(
                        kind, CONF_BEARER, PRIVATE + "|Accept: a|OpenAI-Beta: b|X-Client-Request-Id: c|viable: d"))
                .containsExactly("accept: a", "openai-beta: b", "x-client-request-id: c", "authorization: Bearer ours");
    }

    private static final String HTTP = "accept: a|accept-encoding: b|content-type: c|content-length: 1|user-agent: d"
            + "|if-none-match: e|range: f|origin: g|connection: upgrade|upgrade: websocket|sec-websocket-key: h"
            + "|sec-websocket-version: 13|sec-websocket-extensions: i|sec-websocket-protocol: realtime"
            + "|openai-beta: assistants=v2|idempotency-key: j|x-request-id: k|x-client-request-id: l";

    @ParameterizedTest
    @CsvSource(delimiter = '#', textBlock = """
            AZURE  # x-ms-client-request-id: m|x-ms-useragent: n|x-ms-oai-image-generation-deployment: o
            VERTEX # x-goog-api-client: m|x-server-timeout: n|x-vertex-ai-llm-request-type: shared
            GEMINI # x-goog-api-client: m
            OPENAI # x-anything: m|x-stainless-lang: js|openai-project: p|traceparent: q|x-forwarded-for: r
            """)
    void aBackendReceivesTheHeadersThatItsApiKnows(Kind kind, String own) {
        String lines = HTTP + '|' + own;
        assertThat(upstreamHeaders(kind, new AttachedCredential.None(), lines))
                .containsExactlyInAnyOrder(lines.split("\\|"));
    }

    @ParameterizedTest
    @CsvSource({
        "x-ms-spillover-deployment",
        "x-ms-token-aad-access-token",
        "x-ms-anything",
        "x-policy-id",
        "x-goog-user-project",
        "x-goog-request-params",
        "x-http-method-override",
        "referer",
        "sec-fetch-site",
        "content-location"
    })
    void aCloudDoesNotReceiveAHeaderThatItsApiDoesNotKnowOrThatOverridesTheOperator(String name) {
        for (Kind kind : List.of(Kind.AZURE, Kind.VERTEX, Kind.GEMINI)) {
            assertThat(upstreamHeaders(kind, new AttachedCredential.None(), name + ": a"))
                    .isEmpty();
            assertThat(upstreamHeaders(kind, TestDialects.passing(name), new AttachedCredential.None(), name + ": a"))
                    .containsExactly(name + ": a");
        }
    }

    @Test
    void aPlainBackendReceivesAllHeadersButCredentials() {
        String others = PRIVATE.replace("|Cookie: a", "");
        assertThat(upstreamHeaders(Kind.OPENAI, CONF_BEARER, others)).hasSize(15);
        String harmless =
                "idempotency-key: a|x-idempotency-key: b|sec-websocket-key: c|prompt-cache-key: d|x-monitor: e";
        assertThat(upstreamHeaders(Kind.OPENAI, new AttachedCredential.None(), harmless))
                .containsExactly(harmless.split("\\|"));
    }

    @ParameterizedTest
    @EnumSource
    void theConfPassesAHeaderThatLooksLikeACredentialOnlyByItsFullName(Kind kind) {
        assertThat(upstreamHeaders(kind, TestDialects.passing("x-team-*"), CONF_BEARER, "X-Team-Key: a"))
                .containsExactly("authorization: Bearer ours");
        assertThat(upstreamHeaders(kind, TestDialects.passing("x-team-key"), CONF_BEARER, "X-Team-Key: a"))
                .containsExactly("x-team-key: a", "authorization: Bearer ours");
        assertThat(upstreamHeaders(kind, TestDialects.passing("*"), CONF_BEARER, CREDENTIALS))
                .containsExactly("authorization: Bearer ours");
    }

    @Test
    void withholdsCredentialsFromTrailers() {
        HttpHeaders trailers = DefaultHttpHeadersFactory.trailersFactory().newHeaders();
        trailers.add("x-checksum", "1").add("x-litellm-api-key", "theirs").add("cookie", "theirs");
        dialect(Kind.OPENAI.provider, "https://a.test").prepareTrailers(trailers);
        assertThat(trailers.names()).containsExactly("x-checksum");
    }

    @Test
    void theConfCanPassWithheldHeaders() {
        assertThat(upstreamHeaders(
                        Kind.AZURE, TestDialects.passing("x-b3-*"), CONF_BEARER, "X-B3-TraceId: a|traceparent: b"))
                .containsExactly("x-b3-traceid: a", "authorization: Bearer ours");
    }

    @ParameterizedTest
    @EnumSource
    void theConfReplacesHeadersOfTheClient(Kind kind) {
        assertThat(upstreamHeaders(
                        kind,
                        TestDialects.setting("x-team", "blue"),
                        new AttachedCredential.None(),
                        "X-Team: red|x-team: green"))
                .containsExactly("x-team: blue");
        assertThat(upstreamHeaders(
                        kind,
                        TestDialects.setting("x-team", TestDialects.SECRET_FILE),
                        new AttachedCredential.None(),
                        "X-Team: red"))
                .containsExactly("x-team: of the file");
        assertThat(upstreamHeaders(
                        kind,
                        TestDialects.setting("x-goog-user-project", "billed"),
                        CONF_BEARER,
                        "X-Goog-User-Project: stolen"))
                .containsExactly("x-goog-user-project: billed", "authorization: Bearer ours");
    }

    private static String custom(int count) {
        StringBuilder lines = new StringBuilder("Accept: a|Content-Type: b|User-Agent: c");
        for (int i = 1; i <= count; i++) {
            lines.append("|X-Custom-").append(i).append(": ").append(i);
        }
        return lines + "|X-Request-Id: id";
    }

    @Test
    void azureReceivesTenCustomHeadersAndOtherProvidersReceiveAll() {
        BackendHeaders passing = TestDialects.passing("x-custom-*");
        assertThat(upstreamHeaders(Kind.AZURE, passing, CONF_KEY, custom(9)))
                .hasSize(14)
                .contains("x-custom-9: 9", "x-request-id: id", "api-key: ours");
        BackendHeaders setting = new BackendHeaders(Map.of("x-team", new Secret("blue")), passing.pass());
        List<String> sent = upstreamHeaders(Kind.AZURE, setting, CONF_KEY, custom(30));
        assertThat(sent)
                .hasSize(14)
                .contains("accept: a", "content-type: b", "user-agent: c", "api-key: ours")
                .contains("x-request-id: id", "x-team: blue", "x-custom-1: 1", "x-custom-8: 8")
                .doesNotContain("x-custom-9: 9");
        assertThat(upstreamHeaders(Kind.VERTEX, passing, CONF_BEARER, custom(30)))
                .hasSize(35);
        assertThat(upstreamHeaders(Kind.OPENAI, CONF_BEARER, custom(30))).hasSize(35);
    }
}
