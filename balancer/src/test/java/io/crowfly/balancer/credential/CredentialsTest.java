package io.crowfly.balancer.credential;

import static io.crowfly.balancer.credential.TokenFixture.HOUR;
import static io.crowfly.balancer.credential.TokenFixture.NO_JITTER;
import static io.crowfly.balancer.credential.TokenFixture.await;
import static io.crowfly.balancer.credential.TokenFixture.awaitFailures;
import static io.crowfly.balancer.credential.TokenFixture.awaitToken;
import static io.crowfly.balancer.credential.TokenFixture.token;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.credential.fetch.CredentialThread;
import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.conf.Credential;
import io.crowfly.conf.value.Secret;
import io.crowfly.conf.value.SecretFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class CredentialsTest {

    @Test
    void equalCredentialsShareOneToken() throws Exception {
        try (TokenFixture fixture = new TokenFixture(NO_JITTER)) {
            CredentialSource source = fixture.readySource();
            assertThat(fixture.credentials.source(fixture.credential())).isSameAs(source);
            fixture.time.settle();
            assertThat(fixture.server.requests()).hasSize(1);
        }
    }

    @Test
    void aReloadKeepsUsedSourcesAndStopsTheOthers() throws Exception {
        try (TokenFixture fixture = new TokenFixture(NO_JITTER)) {
            Credential other = new Credential.ApiKey(new Secret("k"));
            CredentialSource source = fixture.readySource();
            fixture.credentials.source(other);
            fixture.credentials.retain(Set.of(fixture.credential()));
            assertThat(fixture.credentials.statuses()).containsOnlyKeys(fixture.credential());
            assertThat(fixture.source()).isSameAs(source);
            fixture.credentials.retain(Set.of(other));
            fixture.time.advance(HOUR.multipliedBy(2));
            assertThat(fixture.server.requests()).hasSize(1);
            assertThat(source.current()).isEqualTo(token(1));
        }
    }

    @Test
    void aTokenReceivedAfterItsCredentialWasDroppedSchedulesNoRenewal() throws Exception {
        try (TokenFixture fixture = new TokenFixture(NO_JITTER)) {
            CountDownLatch gate = fixture.server.holdResponses();
            CredentialSource source = fixture.source();
            fixture.awaitRequests(1);
            fixture.credentials.retain(Set.of());
            gate.countDown();
            awaitToken(source, 1);
            fixture.time.advance(HOUR.multipliedBy(2));
            assertThat(fixture.server.requests()).hasSize(1);
        }
    }

    @Test
    void reportsTheStatusOfEachCredential() throws Exception {
        try (TokenFixture fixture = new TokenFixture(NO_JITTER)) {
            fixture.server.scriptResponse("401 Unauthorized", "{\"error\":\"invalid_client\"}");
            awaitFailures(fixture.source(), 1);
            fixture.credentials.source(new Credential.Passthrough());
            assertThat(fixture.credentials.statuses())
                    .containsOnlyKeys(fixture.credential(), new Credential.Passthrough())
                    .containsEntry(
                            fixture.credential(),
                            new CredentialStatus("entra", Optional.empty(), 1, "127.0.0.1: status 401, invalid_client"))
                    .containsEntry(
                            new Credential.Passthrough(), new CredentialStatus("passthrough", Optional.empty(), 0, ""));
        }
    }

    @Test
    void waitsForTheFirstTokenOrFailureOfEachCredential() throws Exception {
        try (TokenFixture fixture = new TokenFixture(NO_JITTER)) {
            CountDownLatch gate = fixture.server.holdResponses();
            Credential gone = new Credential.ApiKey(new SecretFile(Path.of("/nowhere/key")));
            Set<Credential> used = Set.of(fixture.credential(), gone, new Credential.Passthrough());
            // On its own thread: the JDK's HTTP client uses the common pool, which has a single thread on one core.
            CompletableFuture<Void> waiting = CompletableFuture.runAsync(
                    () -> fixture.credentials.awaitFirst(used, HOUR), task -> new Thread(task).start());
            fixture.awaitRequests(1);
            assertThat(waiting).isNotDone();
            gate.countDown();
            assertThat(waiting).succeedsWithin(Duration.ofSeconds(10));
            assertThat(fixture.source().current()).isEqualTo(token(1));
            assertThat(fixture.credentials.source(gone).status().failures()).isPositive();
        }
    }

    @Test
    void waitsForTheFirstTokenNoLongerThanTheTimeout() throws Exception {
        try (TokenFixture fixture = new TokenFixture(NO_JITTER)) {
            CountDownLatch gate = fixture.server.holdResponses();
            fixture.credentials.awaitFirst(Set.of(fixture.credential()), Duration.ofMillis(1));
            assertThat(fixture.source().current()).isInstanceOf(AttachedCredential.Missing.class);
            gate.countDown();
        }
    }

    @Test
    void logsAFaultInATaskWithoutItsMessageAndContinues() throws Exception {
        ManualTimeExecutor executor = new ManualTimeExecutor();
        try (CapturedLog log = new CapturedLog(CredentialThread.class.getName())) {
            CredentialThread thread = executor.credentialThread(NO_JITTER);
            thread.execute(() -> {
                throw new IllegalStateException("s3cret");
            });
            executor.settle();
            assertThat(log.lines(Level.ERROR))
                    .singleElement()
                    .asString()
                    .startsWith("internal error: java.lang.IllegalStateException at [")
                    .contains(getClass().getName())
                    .doesNotContain("s3cret");
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void closingEndsTheCredentialThread() throws Exception {
        try (TokenFixture fixture = new TokenFixture(NO_JITTER)) {
            try (Credentials credentials = new Credentials()) {
                awaitToken(credentials.source(fixture.credential()), 1);
                assertThat(thread()).isPresent().get().matches(Thread::isDaemon);
            }
            await().until(() -> thread().isEmpty());
        }
    }

    private static Optional<Thread> thread() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("crowfly-credentials"))
                .findAny();
    }
}
