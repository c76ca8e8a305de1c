package io.crowfly.balancer.credential;

import static io.crowfly.balancer.credential.TokenFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import io.crowfly.balancer.testbed.ServiceAccountFile;
import io.crowfly.balancer.testbed.TestTokenServer;
import io.crowfly.balancer.testbed.TokenDialects;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Credential.Entra.Proof;
import io.crowfly.conf.Credential.ManagedIdentity;
import io.crowfly.conf.value.Secret;
import io.crowfly.conf.value.SecretFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each kind of credential, against a server that accepts only what its cloud accepts. Some tests use a correct clock
 * and two wrong ones.
 */
class TokenKindsTest {

    private static final String RESOURCE = "https://cognitiveservices.azure.com/";
    private static final String ENTRA_SCOPE = RESOURCE + ".default";
    private static final List<String> SCOPES = List.of(TokenDialects.SCOPE);
    private static final Duration TO_RENEWAL = Duration.ofHours(1).minusSeconds(225);

    @TempDir
    Path directory;

    private static final ServiceAccountFile ACCOUNT = new ServiceAccountFile();

    private final ManualTimeExecutor time = new ManualTimeExecutor();
    private final Credentials credentials = new Credentials(time.credentialThread(0));
    private InstantSource clock = time.clock(Duration.ZERO);
    private Optional<TestTokenServer> server = Optional.empty();

    @AfterEach
    void close() throws Exception {
        credentials.close();
        if (server.isPresent()) {
            server.get().close();
        }
    }

    private TestTokenServer serving(TestTokenServer.Dialect dialect) throws Exception {
        TestTokenServer started = new TestTokenServer(clock, dialect);
        server = Optional.of(started);
        return started;
    }

    private CredentialSource sourceWith(Credential credential, String value) {
        CredentialSource source = credentials.source(credential);
        awaitCurrent(source, value);
        return source;
    }

    private static void awaitCurrent(CredentialSource source, String value) {
        await().untilAsserted(() -> assertThat(source.current())
                .isInstanceOfSatisfying(AttachedCredential.Header.class, header -> {
                    assertThat(header.name().toString()).isEqualTo("authorization");
                    assertThat(header.value()).isEqualTo("Bearer " + value);
                }));
    }

    @Test
    void credentialsWithoutAFetchAreAvailableAtOnce() {
        assertThat(credentials.source(new Credential.None()).current()).isEqualTo(new AttachedCredential.None());
        assertThat(credentials.source(new Credential.Passthrough()).current())
                .isEqualTo(new AttachedCredential.Passthrough());
        assertThat(credentials.source(new Credential.ApiKey(new Secret("k"))).current())
                .isEqualTo(CredentialHeader.API_KEY.with("k"));
        assertThat(credentials.source(new Credential.Bearer(new Secret("t"))).current())
                .isEqualTo(CredentialHeader.BEARER.with("t"));
    }

    @Test
    void entraBySecret() throws Exception {
        String secret = "s~3cret&=+ %";
        TestTokenServer entra =
                serving(TokenDialects.entra("contoso", "app", ENTRA_SCOPE, () -> Map.of("client_secret", secret)));
        Proof proof = new Proof.ClientSecret(new Secret(secret));
        sourceWith(new Credential.Entra("contoso", "app", proof, ENTRA_SCOPE, entra.uri("/")), "token-1");
    }

    @Test
    void entraBySecretInAFile() throws Exception {
        AtomicReference<String> secret = new AtomicReference<>("first");
        TestTokenServer entra = serving(
                TokenDialects.entra("contoso", "app", ENTRA_SCOPE, () -> Map.of("client_secret", secret.get())));
        Path file = Files.writeString(directory.resolve("secret"), "first\n");
        Proof proof = new Proof.ClientSecret(new SecretFile(file));
        CredentialSource source =
                sourceWith(new Credential.Entra("contoso", "app", proof, ENTRA_SCOPE, entra.uri("")), "token-1");
        secret.set("second");
        Files.writeString(file, "second\n");
        time.advance(TO_RENEWAL);
        awaitCurrent(source, "token-2");
    }

    @Test
    void entraByAFederatedTokenThatIsReadForEachFetch() throws Exception {
        AtomicReference<String> assertion = new AtomicReference<>("eyJhbGciOi.first.sig");
        TestTokenServer entra = serving(TokenDialects.entra(
                "contoso",
                "app",
                ENTRA_SCOPE,
                () -> Map.of(
                        "client_assertion_type",
                        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                        "client_assertion",
                        assertion.get())));
        Path file = Files.writeString(directory.resolve("federated"), assertion.get());
        CredentialSource source = sourceWith(
                new Credential.Entra("contoso", "app", new Proof.FederatedToken(file), ENTRA_SCOPE, entra.uri("")),
                "token-1");
        assertion.set("eyJhbGciOi.second.sig");
        Files.writeString(file, assertion.get());
        time.advance(TO_RENEWAL);
        awaitCurrent(source, "token-2");
    }

    @Test
    void managedIdentityOfAMachine() throws Exception {
        TestTokenServer imds = serving(TokenDialects.imds(clock, RESOURCE, Map.of()));
        sourceWith(
                new ManagedIdentity(RESOURCE, Optional.empty(), new ManagedIdentity.Endpoint.Imds(imds.uri(""))),
                "token-1");
    }

    @Test
    void oneOfSeveralManagedIdentities() throws Exception {
        String id = "/subscriptions/1/resourcegroups/a b/providers/x";
        TestTokenServer imds = serving(TokenDialects.imds(clock, RESOURCE, Map.of("msi_res_id", id)));
        Optional<ManagedIdentity.Identity> identity = Optional.of(new ManagedIdentity.Identity("msi_res_id", id));
        sourceWith(new ManagedIdentity(RESOURCE, identity, new ManagedIdentity.Endpoint.Imds(imds.uri(""))), "token-1");
    }

    @Test
    void managedIdentityOfAnAppService() throws Exception {
        TestTokenServer service =
                serving(TokenDialects.appService(clock, "/msi/token", "h3ader", RESOURCE, Map.of("client_id", "me")));
        Optional<ManagedIdentity.Identity> identity = Optional.of(new ManagedIdentity.Identity("client_id", "me"));
        sourceWith(
                new ManagedIdentity(
                        RESOURCE,
                        identity,
                        new ManagedIdentity.Endpoint.AppService(service.uri("/msi/token"), new Secret("h3ader"))),
                "token-1");
    }

    @Test
    void metadataServer() throws Exception {
        TestTokenServer metadata = serving(TokenDialects.metadataServer("default"));
        sourceWith(new Credential.MetadataServer(metadata.uri(""), "default", SCOPES), "token-1");
    }

    @Test
    void serviceAccountByAnExchangedJwt() throws Exception {
        exchangesAJwt();
    }

    @Test
    void serviceAccountByAClockThatIsSlow() throws Exception {
        clock = time.clock(Duration.ofSeconds(30));
        exchangesAJwt();
    }

    @Test
    void serviceAccountByAClockThatIsFast() throws Exception {
        clock = time.clock(Duration.ofSeconds(-30));
        exchangesAJwt();
    }

    private void exchangesAJwt() throws Exception {
        AtomicReference<URI> url = new AtomicReference<>();
        TestTokenServer google =
                serving(TokenDialects.jwtGrant(clock, ACCOUNT.publicKey(), ServiceAccountFile.EMAIL, url::get));
        url.set(google.uri("/token"));
        Path file = ACCOUNT.write(directory.resolve("gcp.json"), url.get());
        CredentialSource source = sourceWith(new Credential.ServiceAccount(file, false, SCOPES), "token-1");
        time.advance(TO_RENEWAL);
        awaitCurrent(source, "token-2");
    }

    @Test
    void serviceAccountByASelfSignedJwtThatIsRenewedInTime() throws Exception {
        Path file = ACCOUNT.write(directory.resolve("gcp.json"), URI.create("http://127.0.0.1:1/unused"));
        CredentialSource source = credentials.source(new Credential.ServiceAccount(file, true, SCOPES));
        time.settle();
        String first = ((AttachedCredential.Header) source.current()).value();
        time.advance(TO_RENEWAL);
        String second = ((AttachedCredential.Header) source.current()).value();
        assertThat(second).isNotEqualTo(first);
        for (Duration skew : List.of(Duration.ZERO, Duration.ofSeconds(30), Duration.ofSeconds(-30))) {
            JWTClaimsSet claims = TokenDialects.verifiedClaims(
                    second.replaceFirst("Bearer ", ""), ACCOUNT.publicKey(), time.clock(skew));
            assertThat(claims.getClaims()).containsOnlyKeys("iss", "sub", "scope", "iat", "exp");
            assertThat(claims.getIssuer()).isEqualTo(ServiceAccountFile.EMAIL);
            assertThat(claims.getSubject()).isEqualTo(ServiceAccountFile.EMAIL);
            assertThat(claims.getStringClaim("scope")).isEqualTo(TokenDialects.SCOPE);
            // Not used after its expiry, even if Google's clock is ahead of ours.
            assertThat(source.status().expires().orElseThrow())
                    .isBeforeOrEqualTo(claims.getExpirationTime().toInstant().minus(skew));
        }
    }

    @Test
    void serviceAccountWithoutScopesNamesAnAudience() throws Exception {
        Path file = ACCOUNT.write(directory.resolve("gcp.json"), URI.create("http://127.0.0.1:1/unused"));
        CredentialSource source = credentials.source(new Credential.ServiceAccount(file, true, List.of()));
        time.settle();
        String jwt = ((AttachedCredential.Header) source.current()).value().replaceFirst("Bearer ", "");
        assertThat(TokenDialects.verifiedClaims(jwt, ACCOUNT.publicKey(), clock).getAudience())
                .containsExactly("https://aiplatform.googleapis.com/");
    }

    @Test
    void federationByAFileThatIsReadForEachFetch() throws Exception {
        AtomicReference<String> subject = new AtomicReference<>("first.subject.token");
        TestTokenServer sts = serving(federation(subject));
        Path file = Files.writeString(directory.resolve("subject"), subject.get());
        CredentialSource source = sourceWith(federated(sts, file, Optional.empty()), "token-1");
        subject.set("second.subject.token");
        Files.writeString(file, subject.get());
        time.advance(TO_RENEWAL);
        awaitCurrent(source, "token-2");
    }

    @Test
    void federationWithImpersonationOfAServiceAccount() throws Exception {
        TestTokenServer sts = serving(federation(new AtomicReference<>("subject")));
        Path file = Files.writeString(directory.resolve("subject"), "subject");
        URI robot = sts.uri("/v1/projects/-/serviceAccounts/robot:generateAccessToken");
        CredentialSource source = sourceWith(federated(sts, file, Optional.of(robot)), "robots-token-2");
        assertThat(source.status().expires()).contains(clock.instant().plus(Duration.ofHours(1)));
    }

    private TestTokenServer.Dialect federation(AtomicReference<String> subject) {
        return TokenDialects.federation(clock, "//iam/pool", "urn:ietf:params:oauth:token-type:jwt", subject::get);
    }

    private static Credential federated(TestTokenServer sts, Path subject, Optional<URI> impersonation) {
        return new Credential.WorkloadIdentityFederation(
                "//iam/pool",
                subject,
                "urn:ietf:params:oauth:token-type:jwt",
                sts.uri("/v1/token"),
                impersonation,
                SCOPES);
    }
}
