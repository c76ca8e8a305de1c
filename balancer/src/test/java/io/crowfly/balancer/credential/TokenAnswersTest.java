package io.crowfly.balancer.credential;

import static io.crowfly.balancer.credential.TokenScene.LEAST;
import static io.crowfly.balancer.credential.TokenScene.await;
import static io.crowfly.balancer.credential.TokenScene.awaitFailures;
import static io.crowfly.balancer.credential.TokenScene.awaitToken;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.testbed.TestTokenServer;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Credential.ManagedIdentity.Endpoint;
import io.crowfly.conf.Secret;
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

/** What token servers answer beside tokens, and when they say that one expires. */
class TokenAnswersTest {

    private final TokenScene scene;

    TokenAnswersTest() throws IOException {
        scene = new TokenScene(LEAST);
    }

    @AfterEach
    void close() throws IOException {
        scene.close();
    }

    private CredentialStatus failing() {
        CredentialSource source = scene.source();
        awaitFailures(source, 1);
        assertThat(source.now()).isEqualTo(new Shown.Missing(source.status().reason()));
        return source.status();
    }

    @Test
    void aPageInsteadOfATokenIsAFailureWhateverItsStatus() {
        scene.server.scriptRaw(scene.server.answer("200 OK", "text/html; charset=utf-8", "<!DOCTYPE html><html>"));
        assertThat(failing().reason())
                .isEqualTo("127.0.0.1: status 200, but no JSON; is it the right address, and audience?");
    }

    @Test
    void anErrorIsToldByItsCodesAlone() {
        scene.server.script("401 Unauthorized", """
                {"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret %s provided.",\
                "error_codes":[7000215],"trace_id":"00000000-0000-0000-0000-0000000000aa"}""".formatted(TokenScene.SECRET));
        assertThat(failing().reason()).isEqualTo("127.0.0.1: status 401, invalid_client, AADSTS7000215");
    }

    @Test
    void anErrorInGooglesOtherFormIsToldByItsStatus() {
        scene.server.script("403 Forbidden", """
                {"error": {"code": 403, "message": "no", "status": "PERMISSION_DENIED", "details": [{"a": {}}]}}""");
        assertThat(failing().reason()).isEqualTo("127.0.0.1: status 403, PERMISSION_DENIED");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|but no token in it",
                "[]|but no JSON; is it the right address, and audience?",
                "{\"access_token\":|but no JSON; is it the right address, and audience?",
                "{\"access_token\":\"\",\"expires_in\":1}|but no token in it",
                "{\"access_token\":\"a\\r\\nx: y\",\"expires_in\":1}|but no token in it",
                "{\"access_token\":{\"a\":\"b\"},\"expires_in\":1}|but no token in it",
                "{\"access_token\":\"t0ken\"}|but not how long the token is good",
                "{\"access_token\":\"t0ken\",\"expires_in\":\"soon\"}|but not how long the token is good",
                "{\"access_token\":\"t0ken\",\"expires_on\":\"10/05/2026\"}|but not how long the token is good",
                "{\"access_token\":\"t0ken\",\"expireTime\":\"never\"}|but not how long the token is good",
            })
    void anAnswerThatIsNoneIsAFailure(String body, String reason) {
        scene.server.script("200 OK", body);
        assertThat(failing().reason()).isEqualTo("127.0.0.1: status 200, " + reason);
    }

    @Test
    void aMomentThatIsNotUnderstoodDoesNoHarmBesideALifetime() {
        scene.server.script(
                "200 OK",
                "{\"access_token\":\"token-1\",\"expires_on\":\"10/05/2026 00:00:00 +00:00\",\"expires_in\":\"60\"}");
        awaitToken(scene.source(), 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "-9223372036854775808"})
    void aTokenThatHasExpiredIsAFailure(String lifetime) {
        scene.server.script("200 OK", "{\"access_token\":\"t\",\"expires_in\":" + lifetime + "}");
        assertThat(failing().reason()).isEqualTo("the token had expired when it came");
    }

    @Test
    void moreThanATokenCanBeIsNotRead() {
        scene.server.script("200 OK", "{\"access_token\":\"" + "a".repeat(SecretText.MAX_BYTES) + "\"}");
        assertThat(failing().reason()).isEqualTo("127.0.0.1: AnswerTooLarge");
    }

    @Test
    void aRedirectIsNotFollowed() {
        scene.server.scriptRaw("HTTP/1.1 307 Temporary Redirect\r\nlocation: " + scene.server.uri("/elsewhere")
                + "\r\ncontent-length: 0\r\n\r\n");
        assertThat(failing().reason()).isEqualTo("127.0.0.1: status 307");
        assertThat(scene.server.requests()).hasSize(1);
    }

    @Test
    void aServerThatIsNotThereIsAFailureThatPasses() throws Exception {
        scene.server.close();
        assertThat(failing().reason()).isEqualTo("127.0.0.1: ConnectException");
    }

    @Test
    void aNameThatDoesNotResolveIsTold() {
        CredentialSource source = scene.credentials.source(
                new Credential.MetadataServer(URI.create("http://nobody.invalid"), "default", List.of()));
        awaitFailures(source, 1);
        assertThat(source.status().reason()).isEqualTo("nobody.invalid: its name does not resolve");
    }

    @Test
    void noProxyIsAsked() {
        ProxySelector before = ProxySelector.getDefault();
        ProxySelector.setDefault(ProxySelector.of(new InetSocketAddress("127.0.0.1", 1)));
        try {
            awaitToken(scene.source(), 1);
        } finally {
            ProxySelector.setDefault(before);
        }
    }

    @ParameterizedTest
    @CsvSource({"41, 'our clock is 41 s ahead'", "-41, 'our clock is 41 s behind'"})
    void aClockThatIsOffIsToldBesideTheRefusalThatItMayHaveLedTo(int aheadSeconds, String told) throws Exception {
        try (TestTokenServer server = new TestTokenServer(
                scene.room.clock(Duration.ofSeconds(-aheadSeconds)), (request, token, life) -> "{}")) {
            server.script("400 Bad Request", "{\"error\":\"invalid_grant\"}");
            CredentialSource source =
                    scene.credentials.source(new Credential.MetadataServer(server.uri(""), "default", List.of()));
            awaitFailures(source, 1);
            assertThat(source.status().reason()).isEqualTo("127.0.0.1: status 400, invalid_grant, " + told);
        }
    }

    @Test
    void aLifeBeyondMeasureIsCut() {
        scene.server.script("200 OK", "{\"access_token\":\"token-1\",\"expires_in\":9223372036854775807}");
        CredentialSource source = scene.source();
        awaitToken(source, 1);
        assertThat(source.status().expires())
                .contains(scene.room.clock(Duration.ofDays(30)).instant());
    }

    @ParameterizedTest
    @CsvSource({"0", "30", "-30", "3600"})
    void aMomentIsUnderstoodByTheServersOwnClock(int aheadSeconds) throws Exception {
        assertExpiresAnHourFromNow(aheadSeconds, "");
    }

    @ParameterizedTest
    @CsvSource({"30", "-30", "3600"})
    void aLifetimeIsBelievedRatherThanAMoment(int offSeconds) throws Exception {
        assertExpiresAnHourFromNow(offSeconds, ",\"expires_in\":\"3600\"");
    }

    /** @param aheadSeconds of the moment that the server names, and of its clock unless there is something that counts more */
    private void assertExpiresAnHourFromNow(int aheadSeconds, String more) throws Exception {
        Instant theirs = scene.room.clock(Duration.ofSeconds(aheadSeconds)).instant();
        Instant dated =
                more.isEmpty() ? theirs : scene.room.clock(Duration.ZERO).instant();
        try (TestTokenServer server = new TestTokenServer(
                () -> dated,
                (request, token, life) -> "{\"access_token\":\"" + token + "\",\"expires_on\":\""
                        + theirs.plus(life).getEpochSecond() + "\"" + more + "}")) {
            Endpoint service = new Endpoint.AppService(server.uri("/msi"), new Secret("h"));
            CredentialSource source =
                    scene.credentials.source(new Credential.ManagedIdentity("r", Optional.empty(), service));
            awaitToken(source, 1);
            assertThat(source.status().expires())
                    .contains(scene.room.clock(TokenScene.HOUR).instant());
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
    void theServersOfAzuresMachinesAreAskedAgainAsMicrosoftWantsIt(String status, int seconds) throws Exception {
        try (TestTokenServer imds = new TestTokenServer(
                scene.room.clock(Duration.ZERO),
                (request, token, life) -> "{\"access_token\":\"" + token + "\",\"expires_in\":\"3600\"}")) {
            imds.script(status, "{\"error\":\"some_error\"}");
            CredentialSource source = scene.credentials.source(
                    new Credential.ManagedIdentity("r", Optional.empty(), new Endpoint.Imds(imds.uri(""))));
            awaitFailures(source, 1);
            scene.room.advance(Duration.ofSeconds(seconds).minusMillis(1));
            assertThat(imds.requests()).hasSize(1);
            scene.room.advance(Duration.ofMillis(1));
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
    void theOthersAreAskedAgainAsTheyWantIt(String status, String error, int seconds) throws Exception {
        scene.server.script(status, "{\"error\":\"" + error + "\"}");
        CredentialSource source = scene.source();
        awaitFailures(source, 1);
        scene.room.advance(Duration.ofSeconds(seconds).minusMillis(1));
        assertThat(scene.server.requests()).hasSize(1);
        scene.room.advance(Duration.ofMillis(1));
        awaitToken(source, 1);
    }

    @Test
    void noSecretIsInWhatIsLoggedOrTold() throws Exception {
        String body = "{\"error\":\"" + TokenScene.SECRET + "\",\"error_description\":\"" + TokenScene.SECRET + "\"}";
        scene.server.script("400 Bad Request", body);
        CredentialSource source = scene.source();
        awaitFailures(source, 1);
        Object missing = source.now();
        scene.room.advance(Duration.ofMinutes(1));
        awaitToken(source, 1);
        await().untilAsserted(() -> assertThat(scene.log.lines(Level.INFO)).hasSize(1));
        assertThat(Stream.of(
                                scene.log.lines(Level.WARN),
                                scene.log.lines(Level.INFO),
                                missing,
                                source,
                                source.now(),
                                source.status(),
                                scene.credential(),
                                scene.credentials.statuses(),
                                scene.credentials)
                        .map(Object::toString))
                .noneMatch(text -> text.contains(TokenScene.SECRET) || text.contains("token-1"));
    }
}
