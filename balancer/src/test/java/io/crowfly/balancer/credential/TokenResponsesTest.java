package io.crowfly.balancer.credential;

import static io.crowfly.balancer.credential.TokenFixture.NO_JITTER;
import static io.crowfly.balancer.credential.TokenFixture.await;
import static io.crowfly.balancer.credential.TokenFixture.awaitFailures;
import static io.crowfly.balancer.credential.TokenFixture.awaitToken;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.credential.fetch.SecretText;
import io.crowfly.balancer.testbed.TestTokenServer;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Credential.ManagedIdentity.Endpoint;
import io.crowfly.conf.value.Secret;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses of token servers: errors, invalid responses, and the forms of an expiry time. */
class TokenResponsesTest {

    private final TokenFixture fixture;

    TokenResponsesTest() throws IOException {
        fixture = new TokenFixture(NO_JITTER);
    }

    @AfterEach
    void close() throws IOException {
        fixture.close();
    }

    private CredentialStatus failing() {
        CredentialSource source = fixture.source();
        awaitFailures(source, 1);
        assertThat(source.current())
                .isEqualTo(new AttachedCredential.Missing(source.status().reason()));
        return source.status();
    }

    @Test
    void anHtmlPageWithStatus200IsAFailure() {
        fixture.server.scriptRawResponse(
                fixture.server.response("200 OK", "text/html; charset=utf-8", "<!DOCTYPE html><html>"));
        assertThat(failing().reason())
                .isEqualTo("127.0.0.1: status 200, but the body is not JSON; check the address and the audience");
    }

    @Test
    void anErrorIsReportedByItsCodesOnly() {
        fixture.server.scriptResponse("401 Unauthorized", """
                {"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret %s provided.",\
                "error_codes":[7000215],"trace_id":"00000000-0000-0000-0000-0000000000aa"}""".formatted(TokenFixture.SECRET));
        assertThat(failing().reason()).isEqualTo("127.0.0.1: status 401, invalid_client, AADSTS7000215");
    }

    @Test
    void anErrorInGooglesOtherFormIsReportedByItsStatus() {
        fixture.server.scriptResponse("403 Forbidden", """
                {"error": {"code": 403, "message": "no", "status": "PERMISSION_DENIED", "details": [{"a": {}}]}}""");
        assertThat(failing().reason()).isEqualTo("127.0.0.1: status 403, PERMISSION_DENIED");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|but the body has no token",
                "[]|but the body is not JSON; check the address and the audience",
                "{\"access_token\":|but the body is not JSON; check the address and the audience",
                "{\"access_token\":\"\",\"expires_in\":1}|but the body has no token",
                "{\"access_token\":\"a\\r\\nx: y\",\"expires_in\":1}|but the body has no token",
                "{\"access_token\":{\"a\":\"b\"},\"expires_in\":1}|but the body has no token",
                "{\"access_token\":\"t0ken\"}|but the body has no token lifetime",
                "{\"access_token\":\"t0ken\",\"expires_in\":\"soon\"}|but expires_in is not a number of seconds",
                "{\"access_token\":\"t0ken\",\"expires_in\":\"NaN\"}|but expires_in is not a number of seconds",
                "{\"access_token\":\"t0ken\",\"expires_in\":NaN}|but expires_in is not a number of seconds",
                "{\"access_token\":\"t0ken\",\"expires_in\":\"Infinity\"}|but expires_in is not a number of seconds",
                "{\"access_token\":\"t0ken\",\"expires_in\":\"0x1p9\"}|but expires_in is not a number of seconds",
                "{\"access_token\":\"t0ken\",\"expires_in\":\"3,600\"}|but expires_in is not a number of seconds",
                "{\"access_token\":\"t0ken\",\"expires_in\":\"\"}|but expires_in is not a number of seconds",
                "{\"access_token\":\"t0ken\",\"expires_in\":true}|but expires_in is not a number of seconds",
                "{\"access_token\":\"t0ken\",\"expires_in\":null}|but the body has no token lifetime",
                "{\"access_token\":\"t0ken\",\"expires_on\":\"10/05/2026\"}|but expires_on is not a number of seconds",
                "{\"access_token\":\"t0ken\",\"expireTime\":\"never\"}|but expireTime is not a time",
            })
    void anInvalidResponseIsAFailure(String body, String reason) {
        fixture.server.scriptResponse("200 OK", body);
        assertThat(failing().reason()).isEqualTo("127.0.0.1: status 200, " + reason);
    }

    @Test
    void anUnreadableExpiryTimeIsIgnoredIfThereIsALifetime() {
        fixture.server.scriptResponse(
                "200 OK",
                "{\"access_token\":\"token-1\",\"expires_on\":\"10/05/2026 00:00:00 +00:00\",\"expires_in\":\"60\"}");
        awaitToken(fixture.source(), 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "-9223372036854775808", "-0.5", "\"-3599\"", "-1e400", "0.0001"})
    void anExpiredTokenIsAFailure(String lifetime) {
        fixture.server.scriptResponse("200 OK", "{\"access_token\":\"t\",\"expires_in\":" + lifetime + "}");
        assertThat(failing().reason()).isEqualTo("the received token has already expired");
    }

    @Test
    void aResponseThatIsTooLargeIsNotRead() {
        fixture.server.scriptResponse("200 OK", "{\"access_token\":\"" + "a".repeat(SecretText.MAX_BYTES) + "\"}");
        assertThat(failing().reason()).isEqualTo("127.0.0.1: ResponseTooLarge");
    }

    @Test
    void aRedirectIsNotFollowed() {
        fixture.server.scriptRawResponse("HTTP/1.1 307 Temporary Redirect\r\nlocation: "
                + fixture.server.uri("/elsewhere") + "\r\ncontent-length: 0\r\n\r\n");
        assertThat(failing().reason()).isEqualTo("127.0.0.1: status 307");
        assertThat(fixture.server.requests()).hasSize(1);
    }

    @Test
    void aRefusedConnectionIsAFailure() throws Exception {
        fixture.server.close();
        assertThat(failing().reason()).isEqualTo("127.0.0.1: ConnectException");
    }

    @Test
    void aHostNameThatDoesNotResolveIsReported() {
        CredentialSource source = fixture.credentials.source(
                new Credential.MetadataServer(URI.create("http://unknown.invalid"), "default", List.of()));
        awaitFailures(source, 1);
        assertThat(source.status().reason()).isEqualTo("unknown.invalid: host name does not resolve");
    }

    @Test
    void noProxyIsUsed() {
        ProxySelector before = ProxySelector.getDefault();
        ProxySelector.setDefault(ProxySelector.of(new InetSocketAddress("127.0.0.1", 1)));
        try {
            awaitToken(fixture.source(), 1);
        } finally {
            ProxySelector.setDefault(before);
        }
    }

    @ParameterizedTest
    @CsvSource({"41, 'our clock is 41 s ahead'", "-41, 'our clock is 41 s behind'"})
    void aWrongClockIsReportedWithTheRefusalThatItMayHaveCaused(int aheadSeconds, String reported) throws Exception {
        try (TestTokenServer server = new TestTokenServer(
                fixture.time.clock(Duration.ofSeconds(-aheadSeconds)), (request, token, life) -> "{}")) {
            server.scriptResponse("400 Bad Request", "{\"error\":\"invalid_grant\"}");
            CredentialSource source =
                    fixture.credentials.source(new Credential.MetadataServer(server.uri(""), "default", List.of()));
            awaitFailures(source, 1);
            assertThat(source.status().reason()).isEqualTo("127.0.0.1: status 400, invalid_grant, " + reported);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "3599|3599000",
                "3599.5|3599500",
                "3599.|3599000",
                "\"3599\"|3599000",
                "\"3599.5\"|3599500",
                "\" 3599 \"|3599000",
                "\"+3599\"|3599000",
                "3.5995e3|3599500",
                "3599.123456789|3599123"
            })
    void aLifetimeIsReadInAnyFormOfANumber(String lifetime, long millis) {
        // A trailing point is a number in text only.
        String value = lifetime.endsWith(".") ? '"' + lifetime + '"' : lifetime;
        fixture.server.scriptResponse("200 OK", "{\"access_token\":\"token-1\",\"expires_in\":" + value + "}");
        assertExpiresIn(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9223372036854775807",
                "9223372036854775808",
                "99999999999999999999999999",
                "1e400",
                "\"1e99999999999\"",
                "2592000.5"
            })
    void anExcessiveLifetimeIsLimited(String lifetime) {
        fixture.server.scriptResponse("200 OK", "{\"access_token\":\"token-1\",\"expires_in\":" + lifetime + "}");
        assertExpiresIn(Duration.ofDays(30));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"expires_on\":99999999999999999999",
                "\"expires_on\":\"1e300\"",
                "\"expires_in\":\"soon\",\"expires_on\":\"9999999999999\"",
                "\"expireTime\":\"+1000000000-12-31T23:59:59Z\""
            })
    void anExcessiveExpiryTimeIsLimited(String member) {
        fixture.server.scriptResponse("200 OK", "{\"access_token\":\"token-1\"," + member + "}");
        assertExpiresIn(Duration.ofDays(30));
    }

    @Test
    void aLifetimeWithMoreDigitsThanAnyNumberTypeHasIsLimited() {
        fixture.server.scriptResponse(
                "200 OK", "{\"access_token\":\"token-1\",\"expires_in\":" + "9".repeat(5_000) + "}");
        assertExpiresIn(Duration.ofDays(30));
    }

    private void assertExpiresIn(Duration lifetime) {
        CredentialSource source = fixture.source();
        awaitToken(source, 1);
        assertThat(source.status().expires())
                .contains(fixture.time.clock(lifetime).instant());
    }

    @ParameterizedTest
    @CsvSource({"0", "30", "-30", "3600"})
    void anExpiryTimeIsReadByTheServersOwnClock(int aheadSeconds) throws Exception {
        assertExpiresAnHourFromNow(aheadSeconds, "");
    }

    @ParameterizedTest
    @CsvSource({"30", "-30", "3600"})
    void aLifetimeIsPreferredToAnExpiryTime(int offSeconds) throws Exception {
        assertExpiresAnHourFromNow(offSeconds, ",\"expires_in\":\"3600\"");
    }

    /** @param aheadSeconds offset of the expiry time, and of the server's clock too if {@code more} is empty */
    private void assertExpiresAnHourFromNow(int aheadSeconds, String more) throws Exception {
        Instant theirs = fixture.time.clock(Duration.ofSeconds(aheadSeconds)).instant();
        Instant dated =
                more.isEmpty() ? theirs : fixture.time.clock(Duration.ZERO).instant();
        try (TestTokenServer server = new TestTokenServer(
                () -> dated,
                (request, token, life) -> "{\"access_token\":\"" + token + "\",\"expires_on\":\""
                        + theirs.plus(life).getEpochSecond() + "\"" + more + "}")) {
            Endpoint service = new Endpoint.AppService(server.uri("/msi"), new Secret("h"));
            CredentialSource source =
                    fixture.credentials.source(new Credential.ManagedIdentity("r", Optional.empty(), service));
            awaitToken(source, 1);
            assertThat(source.status().expires())
                    .contains(fixture.time.clock(TokenFixture.HOUR).instant());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "404 Not Found, 1",
        "410 Gone, 3",
        "429 Too Many Requests, 1",
        "500 Internal Server Error, 1",
        "503 Service Unavailable, 1",
        "400 Bad Request, 60",
        "403 Forbidden, 60"
    })
    void azuresMetadataServiceIsRetriedByMicrosoftsRules(String status, int seconds) throws Exception {
        try (TestTokenServer imds = new TestTokenServer(
                fixture.time.clock(Duration.ZERO),
                (request, token, life) -> "{\"access_token\":\"" + token + "\",\"expires_in\":\"3600\"}")) {
            imds.scriptResponse(status, "{\"error\":\"some_error\"}");
            CredentialSource source = fixture.credentials.source(
                    new Credential.ManagedIdentity("r", Optional.empty(), new Endpoint.Imds(imds.uri(""))));
            awaitFailures(source, 1);
            fixture.time.advance(Duration.ofSeconds(seconds).minusMillis(1));
            assertThat(imds.requests()).hasSize(1);
            fixture.time.advance(Duration.ofMillis(1));
            awaitToken(source, 1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "408 Request Timeout, x, 1",
        "429 Too Many Requests, x, 1",
        "500 Internal Server Error, x, 1",
        "400 Bad Request, temporarily_unavailable, 1",
        "400 Bad Request, server_error, 1",
        "400 Bad Request, internal_failure, 1",
        "400 Bad Request, invalid_grant, 60",
        "404 Not Found, x, 60",
        "410 Gone, x, 60",
    })
    void otherServersAreRetriedByTheirRules(String status, String error, int seconds) throws Exception {
        fixture.server.scriptResponse(status, "{\"error\":\"" + error + "\"}");
        CredentialSource source = fixture.source();
        awaitFailures(source, 1);
        fixture.time.advance(Duration.ofSeconds(seconds).minusMillis(1));
        assertThat(fixture.server.requests()).hasSize(1);
        fixture.time.advance(Duration.ofMillis(1));
        awaitToken(source, 1);
    }

    @Test
    void noSecretIsLoggedOrReported() throws Exception {
        String body =
                "{\"error\":\"" + TokenFixture.SECRET + "\",\"error_description\":\"" + TokenFixture.SECRET + "\"}";
        fixture.server.scriptResponse("400 Bad Request", body);
        CredentialSource source = fixture.source();
        awaitFailures(source, 1);
        Object missing = source.current();
        fixture.time.advance(Duration.ofMinutes(1));
        awaitToken(source, 1);
        await().untilAsserted(() -> assertThat(fixture.log.lines(Level.INFO)).hasSize(1));
        assertThat(Stream.of(
                                fixture.log.lines(Level.WARN),
                                fixture.log.lines(Level.INFO),
                                missing,
                                source,
                                source.current(),
                                source.status(),
                                fixture.credential(),
                                fixture.credentials.statuses(),
                                fixture.credentials)
                        .map(Object::toString))
                .noneMatch(text -> text.contains(TokenFixture.SECRET) || text.contains("token-1"));
    }
}
