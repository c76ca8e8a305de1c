package io.crowfly.balancer.credential;

import static io.crowfly.balancer.credential.TokenScene.HOUR;
import static io.crowfly.balancer.credential.TokenScene.LEAST;
import static io.crowfly.balancer.credential.TokenScene.await;
import static io.crowfly.balancer.credential.TokenScene.awaitFailures;
import static io.crowfly.balancer.credential.TokenScene.awaitToken;
import static io.crowfly.balancer.credential.TokenScene.token;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Secret;
import io.crowfly.conf.SecretFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class CredentialsTest {

    @Test
    void equalCredentialsShareWhatWasGotForThem() throws Exception {
        try (TokenScene scene = new TokenScene(LEAST)) {
            CredentialSource source = scene.readySource();
            assertThat(scene.credentials.source(scene.credential())).isSameAs(source);
            scene.room.settle();
            assertThat(scene.server.requests()).hasSize(1);
        }
    }

    @Test
    void aReloadKeepsWhatIsStillUsedAndStopsTheRest() throws Exception {
        try (TokenScene scene = new TokenScene(LEAST)) {
            Credential other = new Credential.ApiKey(new Secret("k"));
            CredentialSource source = scene.readySource();
            scene.credentials.source(other);
            scene.credentials.retain(Set.of(scene.credential()));
            assertThat(scene.credentials.statuses()).containsOnlyKeys(scene.credential());
            assertThat(scene.source()).isSameAs(source);
            scene.credentials.retain(Set.of(other));
            scene.room.advance(HOUR.multipliedBy(2));
            assertThat(scene.server.requests()).hasSize(1);
            assertThat(source.now()).isEqualTo(token(1));
        }
    }

    @Test
    void aTokenThatComesAfterItsCredentialWasDroppedStartsNothing() throws Exception {
        try (TokenScene scene = new TokenScene(LEAST)) {
            CountDownLatch gate = scene.server.stall();
            CredentialSource source = scene.source();
            scene.awaitRequests(1);
            scene.credentials.retain(Set.of());
            gate.countDown();
            awaitToken(source, 1);
            scene.room.advance(HOUR.multipliedBy(2));
            assertThat(scene.server.requests()).hasSize(1);
        }
    }

    @Test
    void tellsHowEachOneFares() throws Exception {
        try (TokenScene scene = new TokenScene(LEAST)) {
            scene.server.script("401 Unauthorized", "{\"error\":\"invalid_client\"}");
            awaitFailures(scene.source(), 1);
            scene.credentials.source(new Credential.Passthrough());
            assertThat(scene.credentials.statuses())
                    .containsOnlyKeys(scene.credential(), new Credential.Passthrough())
                    .containsEntry(
                            scene.credential(),
                            new CredentialStatus("entra", Optional.empty(), 1, "127.0.0.1: status 401, invalid_client"))
                    .containsEntry(
                            new Credential.Passthrough(), new CredentialStatus("passthrough", Optional.empty(), 0, ""));
        }
    }

    @Test
    void waitsForTheFirstOfEachBeItAFailure() throws Exception {
        try (TokenScene scene = new TokenScene(LEAST)) {
            CountDownLatch gate = scene.server.stall();
            Credential gone = new Credential.ApiKey(new SecretFile(Path.of("/nowhere/key")));
            Set<Credential> used = Set.of(scene.credential(), gone, new Credential.Passthrough());
            // On a thread of its own: the JDK's HTTP client works on the pool's, of which one core has one.
            CompletableFuture<Void> waiting = CompletableFuture.runAsync(
                    () -> scene.credentials.awaitFirst(used, HOUR), task -> new Thread(task).start());
            scene.awaitRequests(1);
            assertThat(waiting).isNotDone();
            gate.countDown();
            assertThat(waiting).succeedsWithin(Duration.ofSeconds(10));
            assertThat(scene.source().now()).isEqualTo(token(1));
            assertThat(scene.credentials.source(gone).status().failures()).isPositive();
        }
    }

    @Test
    void waitsForTheFirstNoLongerThanToldTo() throws Exception {
        try (TokenScene scene = new TokenScene(LEAST)) {
            CountDownLatch gate = scene.server.stall();
            scene.credentials.awaitFirst(Set.of(scene.credential()), Duration.ofMillis(1));
            assertThat(scene.source().now()).isInstanceOf(Shown.Missing.class);
            gate.countDown();
        }
    }

    @Test
    void aFaultInOneTaskIsLoggedByItsPlaceAndEndsNothing() throws Exception {
        TestRoom thread = new TestRoom();
        try (CapturedLog log = new CapturedLog(Room.class.getName())) {
            Room room = thread.room(LEAST);
            room.execute(() -> {
                throw new IllegalStateException("s3cret");
            });
            thread.settle();
            assertThat(log.lines(Level.ERROR))
                    .singleElement()
                    .asString()
                    .startsWith("a fault of our own: java.lang.IllegalStateException at [")
                    .contains(getClass().getName())
                    .doesNotContain("s3cret");
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void itsThreadEndsWithIt() throws Exception {
        try (TokenScene server = new TokenScene(LEAST)) {
            try (Credentials credentials = new Credentials()) {
                awaitToken(credentials.source(server.credential()), 1);
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
