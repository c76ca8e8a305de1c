package io.crowfly.balancer.credential;

import static io.crowfly.balancer.credential.TokenFixture.NO_JITTER;
import static io.crowfly.balancer.credential.TokenFixture.await;
import static io.crowfly.balancer.credential.TokenFixture.awaitFailures;
import static io.crowfly.balancer.credential.TokenFixture.awaitToken;
import static io.crowfly.balancer.credential.TokenFixture.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Credential;
import io.crowfly.conf.value.Secret;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Renewal of a token after a backend has refused the token. */
class RefusedTokenTest {

    private static final Duration A_MOMENT = Duration.ofMillis(1);
    private static final Duration MIN_REFUSAL_INTERVAL = Duration.ofSeconds(10);

    private final TokenFixture fixture;
    private final Queue<Boolean> results = new ConcurrentLinkedQueue<>();

    RefusedTokenTest() throws IOException {
        fixture = new TokenFixture(NO_JITTER);
    }

    @AfterEach
    void close() throws IOException {
        fixture.close();
    }

    private void refuse(CredentialSource source, AttachedCredential refused) {
        source.refresh(refused, Runnable::run, results::add);
    }

    private void awaitResults(Boolean... expected) {
        await().untilAsserted(() -> assertThat(results).containsExactly(expected));
        results.clear();
    }

    @Test
    void concurrentRefusalsCauseOneFetch() throws Exception {
        CredentialSource source = fixture.readySource();
        CountDownLatch gate = fixture.server.holdResponses();
        List<Thread> callers = IntStream.range(0, 50)
                .mapToObj(i -> new Thread(() -> refuse(source, token(1))))
                .toList();
        callers.forEach(Thread::start);
        for (Thread caller : callers) {
            caller.join();
        }
        fixture.awaitRequests(2);
        assertThat(source.current()).isEqualTo(token(1));
        gate.countDown();
        await().untilAsserted(() -> assertThat(results).hasSize(50).doesNotContain(false));
        assertThat(source.current()).isEqualTo(token(2));
        assertThat(fixture.server.requests()).hasSize(2);
    }

    @Test
    void aLateRefusalOfTheOldTokenReportsTheNewOneWithoutAFetch() throws Exception {
        CredentialSource source = fixture.readySource();
        refuse(source, token(1));
        awaitResults(true);
        refuse(source, token(1));
        awaitResults(true);
        assertThat(fixture.server.requests()).hasSize(2);
    }

    @Test
    void aSecondRefusedTokenIsNotRenewedBeforeTheInterval() throws Exception {
        CredentialSource source = fixture.readySource();
        refuse(source, token(1));
        awaitResults(true);
        fixture.time.advance(MIN_REFUSAL_INTERVAL.minus(A_MOMENT));
        refuse(source, token(2));
        awaitResults(false);
        assertThat(fixture.server.requests()).hasSize(2);
        fixture.time.advance(A_MOMENT);
        refuse(source, token(2));
        awaitResults(true);
        assertThat(source.current()).isEqualTo(token(3));
    }

    @Test
    void aRunningFetchServesARefusal() throws Exception {
        CredentialSource source = fixture.readySource();
        CountDownLatch gate = fixture.server.holdResponses();
        fixture.time.advance(TokenFixture.HOUR.minus(TokenFixture.MARGIN));
        fixture.awaitRequests(2);
        refuse(source, token(1));
        fixture.time.settle();
        gate.countDown();
        awaitResults(true);
        assertThat(fixture.server.requests()).hasSize(2);
    }

    @Test
    void aFailedFetchIsReportedKeepsTheOldTokenAndIsRetriedSoon() throws Exception {
        CredentialSource source = fixture.readySource();
        fixture.server.scriptResponse("500 Internal Server Error", "");
        refuse(source, token(1));
        awaitResults(false);
        awaitFailures(source, 1);
        assertThat(source.current()).isEqualTo(token(1));
        fixture.time.advance(Duration.ofSeconds(1));
        awaitToken(source, 2);
    }

    @Test
    void theSameTokenAgainDoesNotCountAsRenewed() throws Exception {
        CredentialSource source = fixture.readySource();
        // Metadata servers return the same token for some minutes.
        fixture.server.scriptResponse("200 OK", "{\"access_token\":\"token-1\",\"expires_in\":3599}");
        refuse(source, token(1));
        awaitResults(false);
    }

    @Test
    void aSecretInTheConfIsNeverRenewed() {
        refuse(fixture.credentials.source(new Credential.ApiKey(new Secret("k"))), CredentialHeader.API_KEY.with("k"));
        assertThat(results).containsExactly(false);
    }

    @Test
    void aClosedExecutorDoesNotPreventOtherNotifications() throws Exception {
        CredentialSource source = fixture.readySource();
        source.refresh(
                token(1),
                task -> {
                    throw new RejectedExecutionException();
                },
                results::add);
        refuse(source, token(1));
        awaitResults(true);
    }

    @Test
    void aDroppedSourceFetchesNothing() throws Exception {
        CredentialSource source = fixture.readySource();
        fixture.credentials.retain(Set.of());
        refuse(source, token(1));
        awaitResults(false);
        assertThat(fixture.server.requests()).hasSize(1);
    }
}
