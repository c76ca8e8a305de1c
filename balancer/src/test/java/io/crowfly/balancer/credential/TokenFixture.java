package io.crowfly.balancer.credential;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.balancer.testbed.TestTokenServer;
import io.crowfly.balancer.testbed.TokenDialects;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Credential.Entra.Proof;
import io.crowfly.conf.value.Secret;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * Entra token server, credentials that use the server, and time that only a test advances. Tokens live for one hour.
 */
final class TokenFixture implements AutoCloseable {

    static final String SECRET = "s3cr3t~value";

    /** Random value 0: every wait and every margin is as short as possible. */
    static final double NO_JITTER = 0;

    static final Duration HOUR = Duration.ofHours(1);
    static final Duration MARGIN = Duration.ofSeconds(225);

    final ManualTimeExecutor time = new ManualTimeExecutor();
    final TestTokenServer server;
    final Credentials credentials;
    final CapturedLog log = new CapturedLog(TokenSource.class.getName());

    TokenFixture(double random) throws IOException {
        server = new TestTokenServer(
                time.clock(Duration.ZERO),
                TokenDialects.entra("contoso", "app", "s/.default", () -> Map.of("client_secret", SECRET)));
        credentials = new Credentials(time.credentialThread(random));
    }

    Credential credential() {
        return credentialOf("contoso");
    }

    /** @param tenant the server accepts only {@code contoso} */
    Credential credentialOf(String tenant) {
        return new Credential.Entra(
                tenant, "app", new Proof.ClientSecret(new Secret(SECRET)), "s/.default", server.uri(""));
    }

    CredentialSource source() {
        return credentials.source(credential());
    }

    /** Polls more often than usual, because most conditions here become true within a millisecond. */
    static ConditionFactory await() {
        return Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2));
    }

    /** Returns the source once it has its first token. */
    CredentialSource readySource() {
        CredentialSource source = source();
        awaitToken(source, 1);
        return source;
    }

    static AttachedCredential token(int number) {
        return CredentialHeader.BEARER.with("token-" + number);
    }

    static void awaitToken(CredentialSource source, int number) {
        await().untilAsserted(() -> assertThat(source.current()).isEqualTo(token(number)));
    }

    void awaitRequests(int number) {
        await().untilAsserted(() -> assertThat(server.requests()).hasSize(number));
    }

    static void awaitFailures(CredentialSource source, int number) {
        await().untilAsserted(() -> assertThat(source.status().failures()).isEqualTo(number));
    }

    @Override
    public void close() throws IOException {
        credentials.close();
        log.close();
        server.close();
    }
}
