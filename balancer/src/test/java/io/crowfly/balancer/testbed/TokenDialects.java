package io.crowfly.balancer.testbed;

import static io.crowfly.balancer.testbed.TestTokenServer.fields;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** Exact token protocol of each cloud: the expected request, and the response as recorded in PROVIDERS. */
public final class TokenDialects {

    public static final String SCOPE = "https://www.googleapis.com/auth/cloud-platform";

    private TokenDialects() {}

    /**
     * Microsoft Entra ID.
     *
     * @param proof the fields that prove the identity of the client
     */
    public static TestTokenServer.Dialect entra(
            String tenant, String clientId, String scope, Supplier<Map<String, String>> proof) {
        return (request, token, lifetime) -> {
            assertThat(request.startLine()).isEqualTo("POST /" + tenant + "/oauth2/v2.0/token HTTP/1.1");
            Map<String, String> form = form(request);
            assertThat(form)
                    .containsAllEntriesOf(proof.get())
                    .containsEntry("grant_type", "client_credentials")
                    .containsEntry("client_id", clientId)
                    .containsEntry("scope", scope)
                    .hasSize(3 + proof.get().size());
            return "{\"token_type\":\"Bearer\",\"expires_in\":" + lifetime.toSeconds() + ",\"ext_expires_in\":"
                    + lifetime.toSeconds() + ",\"access_token\":\"" + token + "\"}";
        };
    }

    /**
     * Azure's instance metadata service.
     *
     * @param identity fields that select the identity
     */
    public static TestTokenServer.Dialect imds(InstantSource clock, String resource, Map<String, String> identity) {
        return (request, token, lifetime) -> {
            assertThat(request.startLine()).startsWith("GET /metadata/identity/oauth2/token?");
            assertThat(query(request))
                    .containsAllEntriesOf(identity)
                    .containsEntry("api-version", "2018-02-01")
                    .containsEntry("resource", resource)
                    .hasSize(2 + identity.size());
            assertThat(request.header("metadata")).isEqualTo("true");
            assertSentByNoProxy(request);
            return "{\"access_token\":\"" + token + "\",\"client_id\":\"00000000-0000-0000-0000-000000000001\","
                    + "\"expires_in\":\"" + lifetime.toSeconds() + "\",\"expires_on\":\"" + epochSecond(clock, lifetime)
                    + "\",\"ext_expires_in\":\"" + lifetime.toSeconds()
                    + "\",\"not_before\":\"1791191402\",\"resource\":\""
                    + resource + "\",\"token_type\":\"Bearer\"}";
        };
    }

    /** Azure's App Service, which returns the expiry time of a token and not its lifetime. */
    public static TestTokenServer.Dialect appService(
            InstantSource clock, String path, String header, String resource, Map<String, String> identity) {
        return (request, token, lifetime) -> {
            assertThat(request.startLine()).startsWith("GET " + path + "?");
            assertThat(query(request))
                    .containsAllEntriesOf(identity)
                    .containsEntry("api-version", "2019-08-01")
                    .containsEntry("resource", resource)
                    .hasSize(2 + identity.size());
            assertThat(request.header("x-identity-header")).isEqualTo(header);
            assertSentByNoProxy(request);
            return "{\"access_token\":\"" + token + "\",\"expires_on\":\"" + epochSecond(clock, lifetime)
                    + "\",\"resource\":\"" + resource + "\",\"token_type\":\"Bearer\"}";
        };
    }

    /** Google's metadata server. */
    public static TestTokenServer.Dialect metadataServer(String account) {
        return (request, token, lifetime) -> {
            assertThat(request.startLine())
                    .startsWith("GET /computeMetadata/v1/instance/service-accounts/" + account + "/token?");
            assertThat(query(request)).isEqualTo(Map.of("scopes", SCOPE));
            assertThat(request.header("metadata-flavor")).isEqualTo("Google");
            assertSentByNoProxy(request);
            return google(token, lifetime);
        };
    }

    /**
     * Google's exchange of a service account's JWT for a token.
     *
     * @param audience the URL of the exchange
     */
    public static TestTokenServer.Dialect jwtGrant(
            InstantSource clock, RSAPublicKey key, String email, Supplier<URI> audience) {
        return (request, token, lifetime) -> {
            assertThat(request.startLine()).isEqualTo("POST /token HTTP/1.1");
            Map<String, String> form = form(request);
            assertThat(form).containsOnlyKeys("grant_type", "assertion");
            assertThat(form).containsEntry("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
            JWTClaimsSet claims = verifiedClaims(form.get("assertion"), key, clock);
            assertThat(claims.getClaims()).containsOnlyKeys("iss", "aud", "scope", "iat", "exp");
            assertThat(claims.getIssuer()).isEqualTo(email);
            assertThat(claims.getAudience()).containsExactly(audience.get().toString());
            assertThat(claims.getStringClaim("scope")).isEqualTo(SCOPE);
            return google(token, lifetime);
        };
    }

    /**
     * Verifies a JWT as Google does first: the signature, that it is issued now, and that it expires within an hour.
     */
    public static JWTClaimsSet verifiedClaims(String jwt, RSAPublicKey key, InstantSource clock) throws Exception {
        SignedJWT signed = SignedJWT.parse(jwt);
        assertThat(signed.getHeader().toJSONObject())
                .isEqualTo(Map.of("alg", "RS256", "typ", "JWT", "kid", ServiceAccountFile.KEY_ID));
        assertThat(signed.verify(new RSASSAVerifier(key))).isTrue();
        JWTClaimsSet claims = signed.getJWTClaimsSet();
        Instant issued = claims.getIssueTime().toInstant();
        Instant expires = claims.getExpirationTime().toInstant();
        assertThat(issued).isBeforeOrEqualTo(clock.instant());
        assertThat(expires).isAfter(clock.instant()).isBeforeOrEqualTo(issued.plus(Duration.ofHours(1)));
        return claims;
    }

    /**
     * Google's security token service, and the impersonation of {@code robot} after it.
     *
     * @param subjectToken the token that is exchanged
     */
    public static TestTokenServer.Dialect federation(
            InstantSource clock, String audience, String type, Supplier<String> subjectToken) {
        return (request, token, lifetime) -> {
            if (request.target().equals("/v1/projects/-/serviceAccounts/robot:generateAccessToken")) {
                assertThat(request.header("authorization")).startsWith("Bearer token-");
                assertThat(request.header("content-type")).isEqualTo("application/json");
                assertThat(request.body()).isEqualTo("{\"scope\":[\"" + SCOPE + "\"],\"lifetime\":\"3600s\"}");
                return "{\"accessToken\":\"robots-" + token + "\",\"expireTime\":\""
                        + Instant.ofEpochSecond(epochSecond(clock, lifetime)) + "\"}";
            }
            assertThat(request.startLine()).isEqualTo("POST /v1/token HTTP/1.1");
            assertThat(form(request))
                    .isEqualTo(Map.of(
                            "grant_type",
                            "urn:ietf:params:oauth:grant-type:token-exchange",
                            "audience",
                            audience,
                            "scope",
                            SCOPE,
                            "requested_token_type",
                            "urn:ietf:params:oauth:token-type:access_token",
                            "subject_token",
                            subjectToken.get(),
                            "subject_token_type",
                            type));
            return "{\"access_token\":\"" + token
                    + "\",\"issued_token_type\":\"urn:ietf:params:oauth:token-type:access_token\","
                    + "\"token_type\":\"Bearer\",\"expires_in\":" + lifetime.toSeconds() + "}";
        };
    }

    private static String google(String token, Duration lifetime) {
        return "{\"access_token\":\"" + token + "\",\"expires_in\":" + lifetime.toSeconds()
                + ",\"token_type\":\"Bearer\"}";
    }

    private static long epochSecond(InstantSource clock, Duration lifetime) {
        return clock.instant().plus(lifetime).getEpochSecond();
    }

    private static Map<String, String> form(Message request) {
        assertThat(request.header("content-type")).isEqualTo("application/x-www-form-urlencoded");
        assertThat(request.target()).doesNotContain("?");
        return fields(request.body());
    }

    private static Map<String, String> query(Message request) {
        return fields(request.target().substring(request.target().indexOf('?') + 1));
    }

    /** Metadata servers accept plain HTTP/1.1 only, and refuse requests that a proxy may have forwarded. */
    private static void assertSentByNoProxy(Message request) {
        assertThat(request.startLine()).endsWith(" HTTP/1.1");
        assertThat(request.fields()).noneMatch(line -> line.toLowerCase(Locale.ROOT)
                .matches("(x-forwarded-.*|via|upgrade|http2-settings|transfer-encoding):.*"));
        assertThat(request.body()).isEmpty();
    }
}
