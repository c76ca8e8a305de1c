package io.crowfly.balancer.credential;

import static io.crowfly.balancer.credential.TokenFixture.HOUR;
import static io.crowfly.balancer.credential.TokenFixture.MARGIN;
import static io.crowfly.balancer.credential.TokenFixture.NO_JITTER;
import static io.crowfly.balancer.credential.TokenFixture.awaitFailures;
import static io.crowfly.balancer.credential.TokenFixture.awaitToken;
import static io.crowfly.balancer.credential.TokenFixture.token;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.credential.fetch.TokenClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A token from its first fetch to its expiry. */
class TokenLifetimeTest {

    private static final Duration A_MOMENT = Duration.ofMillis(1);
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** The cache removes expired tokens by a timer wheel, which turns about once a second. */
    private static final Duration TIMER_WHEEL_DELAY = Duration.ofSeconds(3);

    @Test
    void isFetchedAtOnceAndRenewedWhenItsMarginBegins() throws Exception {
        try (TokenFixture fixture = new TokenFixture(NO_JITTER)) {
            CredentialSource source = fixture.source();
            assertThat(source.current())
                    .isInstanceOfAny(AttachedCredential.Missing.class, AttachedCredential.Header.class);
            awaitToken(source, 1);
            fixture.time.advance(HOUR.minus(MARGIN).minus(A_MOMENT));
            assertThat(fixture.server.requests()).hasSize(1);
            fixture.time.advance(A_MOMENT);
            awaitToken(source, 2);
            assertThat(fixture.server.requests()).hasSize(2);
            assertThat(source.status().expires())
                    .contains(fixture.time.clock(HOUR).instant());
        }
    }

    @Test
    void isRenewedEarlierAtRandomSoThatInstancesSpreadOut() throws Exception {
        try (TokenFixture fixture = new TokenFixture(1)) {
            CredentialSource source = fixture.readySource();
            fixture.time.advance(HOUR.minus(MARGIN.multipliedBy(12).dividedBy(10)));
            awaitToken(source, 2);
        }
    }

    @Test
    void aShortLifetimeHasAThirdOfItselfAsMargin() throws Exception {
        try (TokenFixture fixture = new TokenFixture(NO_JITTER)) {
            fixture.server.setTokenLifetime(Duration.ofSeconds(60));
            CredentialSource source = fixture.readySource();
            fixture.time.advance(Duration.ofSeconds(40).minus(A_MOMENT));
            assertThat(fixture.server.requests()).hasSize(1);
            fixture.time.advance(A_MOMENT);
            awaitToken(source, 2);
        }
    }

    @Test
    void isUsedUntilItReallyExpiresWhileTheServerFails() throws Exception {
        try (TokenFixture fixture = new TokenFixture(NO_JITTER)) {
            CredentialSource source = fixture.readySource();
            fixture.server.scriptResponse("500 Internal Server Error", "{}");
            fixture.time.advance(HOUR.minus(MARGIN));
            awaitFailures(source, 1);
            Duration left = MARGIN;
            int failures = 1;
            for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
                fixture.server.scriptResponse("500 Internal Server Error", "{}");
                fixture.time.advance(Duration.ofSeconds(seconds).minus(A_MOMENT));
                assertThat(fixture.server.requests()).hasSize(1 + failures);
                fixture.time.advance(A_MOMENT);
                awaitFailures(source, ++failures);
                left = left.minusSeconds(seconds);
            }
            fixture.time.advance(left.minus(A_MOMENT));
            assertThat(source.current()).isEqualTo(token(1));
            fixture.time.advance(TIMER_WHEEL_DELAY);
            assertThat(source.current())
                    .isEqualTo(new AttachedCredential.Missing("the last token has expired; 127.0.0.1: status 500"));
            assertThat(source.status().expires()).isEmpty();
            assertThat(fixture.log.lines(Level.WARN))
                    .containsExactly("credential entra app: 127.0.0.1: status 500; "
                            + "the current credential is used until it expires");
        }
    }

    @Test
    void isObtainedAfterFailuresWithoutAnyAction() throws Exception {
        try (TokenFixture fixture = new TokenFixture(NO_JITTER)) {
            fixture.server.scriptResponse("503 Service Unavailable", "<html>busy</html>");
            CredentialSource source = fixture.source();
            awaitFailures(source, 1);
            assertThat(source.current()).isEqualTo(new AttachedCredential.Missing("127.0.0.1: status 503"));
            fixture.time.advance(SECOND);
            awaitToken(source, 1);
            assertThat(source.status().failures()).isZero();
            assertThat(source.status().reason()).isEmpty();
            assertThat(fixture.log.lines(Level.WARN))
                    .containsExactly("credential entra app: 127.0.0.1: status 503; "
                            + "no credential is available, so requests that need it fail");
            assertThat(fixture.log.lines(Level.INFO))
                    .containsExactly("credential entra app: obtained again after 1 failures");
        }
    }

    @Test
    void isRetriedAfterAMinuteWhenOnlyAnOperatorCanCorrectTheError() throws Exception {
        try (TokenFixture fixture = new TokenFixture(NO_JITTER)) {
            fixture.server.scriptResponse("401 Unauthorized", "{\"error\":\"invalid_client\"}");
            CredentialSource source = fixture.source();
            awaitFailures(source, 1);
            fixture.time.advance(Duration.ofSeconds(60).minus(A_MOMENT));
            assertThat(fixture.server.requests()).hasSize(1);
            fixture.time.advance(A_MOMENT);
            awaitToken(source, 1);
        }
    }

    @Test
    void aSlowServerTimesOutAndDelaysNoOtherCredential() throws Exception {
        try (TokenFixture slow = new TokenFixture(NO_JITTER);
                TokenFixture quick = new TokenFixture(NO_JITTER)) {
            slow.server.holdResponses();
            CredentialSource source = slow.source();
            slow.awaitRequests(1);
            awaitToken(slow.credentials.source(quick.credential()), 1);
            slow.time.advance(TokenClient.TIMEOUT.minus(A_MOMENT));
            assertThat(source.status().failures()).isZero();
            slow.time.advance(A_MOMENT);
            awaitFailures(source, 1);
            assertThat(source.status().reason()).isEqualTo("127.0.0.1: no response within 10 s");
        }
    }

    @Test
    void itsLifetimeStartsWhenTheRequestWasSent() throws Exception {
        try (TokenFixture fixture = new TokenFixture(NO_JITTER)) {
            CountDownLatch gate = fixture.server.holdResponses();
            CredentialSource source = fixture.source();
            fixture.awaitRequests(1);
            fixture.time.advance(Duration.ofSeconds(5));
            gate.countDown();
            awaitToken(source, 1);
            assertThat(source.status().expires())
                    .contains(fixture.time.clock(HOUR.minusSeconds(5)).instant());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {30, -30, 86_400, -86_400})
    void itsLifetimeDoesNotDependOnClockChanges(int aheadSeconds) throws Exception {
        try (TokenFixture fixture = new TokenFixture(NO_JITTER)) {
            CredentialSource source = fixture.readySource();
            fixture.time.setClock(Duration.ofSeconds(aheadSeconds));
            fixture.time.advance(HOUR.minus(MARGIN).minus(A_MOMENT));
            assertThat(source.current()).isEqualTo(token(1));
            assertThat(fixture.server.requests()).hasSize(1);
            fixture.time.advance(A_MOMENT);
            awaitToken(source, 2);
        }
    }

    @Test
    void readersAlwaysSeeATokenDuringRenewals() throws Exception {
        try (TokenFixture fixture = new TokenFixture(NO_JITTER)) {
            CredentialSource source = fixture.readySource();
            AtomicBoolean over = new AtomicBoolean();
            AtomicLong reads = new AtomicLong();
            Queue<AttachedCredential> missed = new ConcurrentLinkedQueue<>();
            List<Thread> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Thread reader = new Thread(() -> {
                    while (!over.get()) {
                        AttachedCredential attached = source.current();
                        if (!(attached instanceof AttachedCredential.Header)) {
                            missed.add(attached);
                        }
                        reads.incrementAndGet();
                        Thread.yield();
                    }
                });
                readers.add(reader);
                reader.start();
            }
            try {
                for (int renewal = 2; renewal < 25; renewal++) {
                    // Every third renewal needs a second attempt.
                    if (renewal % 3 == 0) {
                        fixture.server.scriptResponse("500 Internal Server Error", "{}");
                        fixture.time.advance(HOUR.minus(MARGIN));
                        awaitFailures(source, 1);
                        fixture.time.advance(SECOND);
                    } else {
                        fixture.time.advance(HOUR.minus(MARGIN));
                    }
                    awaitToken(source, renewal);
                }
            } finally {
                over.set(true);
                for (Thread reader : readers) {
                    reader.join();
                }
            }
            assertThat(missed).isEmpty();
            assertThat(reads.get()).isPositive();
        }
    }
}
