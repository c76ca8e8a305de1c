package io.crowfly.balancer.provider;

import static io.crowfly.balancer.provider.Endpoints.dialect;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.credential.Shown;
import io.crowfly.conf.BackendHeaders;
import io.crowfly.conf.Provider;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class HeadsTest {

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

    private static final Shown OURS = new Shown.Header(AsciiString.of("authorization"), "Bearer ours");
    private static final Shown OUR_KEY = new Shown.Header(AsciiString.of("api-key"), "ours");

    private static final String CREDENTIALS = "Authorization: Bearer theirs|Api-Key: theirs|X-Goog-Api-Key: theirs"
            + "|X-Api-Key: theirs|X-Auth-Token: theirs|Ocp-Apim-Subscription-Key: theirs";

    private static List<String> seen(Kind kind, BackendHeaders conf, Shown shown, String lines) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        for (String line : lines.split("\\|")) {
            int colon = line.indexOf(':');
            headers.add(
                    line.substring(0, colon).trim(), line.substring(colon + 1).trim());
        }
        dialect(kind.provider, "https://a.test", conf).prepare(headers, shown);
        List<String> seen = new ArrayList<>();
        headers.forEach(header -> seen.add(header.getKey().toLowerCase(Locale.ROOT) + ": " + header.getValue()));
        return seen;
    }

    private static List<String> seen(Kind kind, Shown shown, String lines) {
        return seen(kind, BackendHeaders.USUAL, shown, lines);
    }

    @ParameterizedTest
    @EnumSource
    void aClientsCredentialIsReplacedByOurs(Kind kind) {
        assertThat(seen(kind, OURS, CREDENTIALS + "|accept: */*"))
                .containsExactlyInAnyOrder("accept: */*", "authorization: Bearer ours");
    }

    @ParameterizedTest
    @EnumSource
    void aClientsCredentialIsNotShownWhereThereIsNoneOfOurs(Kind kind) {
        assertThat(seen(kind, new Shown.Nothing(), CREDENTIALS + "|accept: */*"))
                .containsExactly("accept: */*");
        assertThat(seen(kind, new Shown.Missing("token"), CREDENTIALS + "|accept: */*"))
                .containsExactly("accept: */*");
    }

    @Test
    void aKeyIsShownAsTheProviderHasIt() {
        assertThat(seen(Kind.AZURE, OUR_KEY, "accept: */*")).contains("api-key: ours");
        assertThat(seen(Kind.OPENAI, OUR_KEY, "accept: */*")).contains("api-key: ours");
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
            """)
    void aClientsOwnCredentialIsShownInTheWayOfTheProvider(Kind kind, String header, String expected) {
        assertThat(seen(kind, new Shown.TheClients(), header)).containsExactly(expected);
    }

    @Test
    void aKeyThatABrowserHidesAmongItsWebSocketsProtocolsIsAClientsCredentialToo() {
        String protocols = "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.theirs"
                + "|Sec-WebSocket-Protocol: openai-organization.o,openai-project.p, openai-beta.realtime-v1";
        assertThat(seen(Kind.OPENAI, OURS, protocols))
                .containsExactlyInAnyOrder(
                        "sec-websocket-protocol: realtime, openai-beta.realtime-v1", "authorization: Bearer ours");
        assertThat(seen(Kind.AZURE, OURS, "Sec-WebSocket-Protocol: openai-insecure-api-key.theirs"))
                .containsExactly("authorization: Bearer ours");
        assertThat(seen(Kind.OPENAI, new Shown.TheClients(), protocols))
                .contains("sec-websocket-protocol: realtime, openai-insecure-api-key.theirs");
    }

    @ParameterizedTest
    @EnumSource
    void aSecretThatTheBackendHasGivenOutIsShownAloneAndAsABearer(Kind kind) {
        assertThat(seen(
                        kind,
                        new Shown.ClientSecret("ek_1"),
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
    void aSecretIsLookedForWhereASessionIsOpened(String target, String header, String secret) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        String[] parts = header.split(": ");
        headers.add(parts[0], parts[1]);
        assertThat(ClientCredential.secret(ClientTarget.of(target), headers))
                .isEqualTo(Optional.ofNullable(secret).map(Shown.ClientSecret::new));
    }

    @Test
    void anyClientsOwnCredentialIsShownOnlyOnce() {
        assertThat(seen(Kind.OPENAI, new Shown.TheClients(), "Authorization: Bearer a|Api-Key: b"))
                .containsExactly("authorization: Bearer a");
        assertThat(seen(Kind.AZURE, new Shown.TheClients(), "Authorization: Bearer a|Api-Key: b"))
                .contains("api-key: b");
    }

    private static final String PRIVATE = "Forwarded: for=a|X-Forwarded-For: a|Via: a|X-Real-IP: a|Traceparent: a"
            + "|tracestate: a|baggage: a|X-B3-TraceId: a|CF-Ray: a|Cookie: a|X-Stainless-Lang: js|X-Goog-User-Project: a"
            + "|X-HTTP-Method-Override: DELETE|OpenAI-Organization: a|OpenAI-Project: a";

    @ParameterizedTest
    @EnumSource(names = {"AZURE", "VERTEX", "GEMINI"})
    void cloudsSeeNothingOfWhoAskedAndHow(Kind kind) {
        assertThat(seen(kind, OURS, PRIVATE + "|Accept: a|OpenAI-Beta: b|X-Client-Request-Id: c|viable: d"))
                .containsExactly(
                        "accept: a",
                        "openai-beta: b",
                        "x-client-request-id: c",
                        "viable: d",
                        "authorization: Bearer ours");
    }

    @Test
    void aPlainBackendSeesAllOfIt() {
        assertThat(seen(Kind.OPENAI, OURS, PRIVATE)).hasSize(16);
    }

    @Test
    void theConfLetsThroughWhatWouldBeWithheld() {
        assertThat(seen(Kind.AZURE, Endpoints.passing("x-b3-*"), OURS, "X-B3-TraceId: a|traceparent: b"))
                .containsExactly("x-b3-traceid: a", "authorization: Bearer ours");
        assertThat(seen(Kind.AZURE, Endpoints.passing("*"), OURS, CREDENTIALS))
                .containsExactly("authorization: Bearer ours");
    }

    @ParameterizedTest
    @EnumSource
    void theConfSetsHeadersInPlaceOfTheClients(Kind kind) {
        assertThat(seen(kind, Endpoints.setting("x-team", "blue"), new Shown.Nothing(), "X-Team: red|x-team: green"))
                .containsExactly("x-team: blue");
        assertThat(seen(kind, Endpoints.setting("x-team", Endpoints.FILE), new Shown.Nothing(), "X-Team: red"))
                .containsExactly("x-team: of the file");
        assertThat(seen(kind, Endpoints.setting("x-goog-user-project", "billed"), OURS, "X-Goog-User-Project: stolen"))
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
    void azureGetsTenCustomHeadersAndTheOthersGetAll() {
        assertThat(seen(Kind.AZURE, OUR_KEY, custom(9)))
                .hasSize(14)
                .contains("x-custom-9: 9", "x-request-id: id", "api-key: ours");
        List<String> seen = seen(Kind.AZURE, Endpoints.setting("x-team", "blue"), OUR_KEY, custom(30));
        assertThat(seen)
                .hasSize(14)
                .contains("accept: a", "content-type: b", "user-agent: c", "api-key: ours")
                .contains("x-request-id: id", "x-team: blue", "x-custom-1: 1", "x-custom-8: 8")
                .doesNotContain("x-custom-9: 9");
        assertThat(seen(Kind.VERTEX, OURS, custom(30))).hasSize(35);
        assertThat(seen(Kind.OPENAI, OURS, custom(30))).hasSize(35);
    }
}
