package io.crowfly.balancer.credential;

import static io.crowfly.balancer.credential.TokenScene.LEAST;
import static io.crowfly.balancer.credential.TokenScene.await;
import static io.crowfly.balancer.credential.TokenScene.awaitFailures;
import static io.crowfly.balancer.credential.TokenScene.awaitToken;
import static io.crowfly.balancer.credential.TokenScene.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Credential;
import io.crowfly.conf.Secret;
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

/** What follows when a backend refuses what it was shown. */
class RefusedTokenTest {

    private static final Duration A_MOMENT = Duration.ofMillis(1);
    private static final Duration BETWEEN_REFUSALS = Duration.ofSeconds(10);

    private final TokenScene scene;
    private final Queue<Boolean> told = new ConcurrentLinkedQueue<>();

    RefusedTokenTest() throws IOException {
        scene = new TokenScene(LEAST);
    }

    @AfterEach
    void close() throws IOException {
        scene.close();
    }

    private void refuse(CredentialSource source, Shown shown) {
        source.refused(shown, Runnable::run, told::add);
    }

    private void awaitTold(Boolean... expected) {
        await().untilAsserted(() -> assertThat(told).containsExactly(expected));
        told.clear();
    }

    @Test
    void manyWhoAskTogetherGetOneFetch() throws Exception {
        CredentialSource source = scene.readySource();
        CountDownLatch gate = scene.server.stall();
        List<Thread> callers = IntStream.range(0, 50)
                .mapToObj(i -> new Thread(() -> refuse(source, token(1))))
                .toList();
        callers.forEach(Thread::start);
        for (Thread caller : callers) {
            caller.join();
        }
        scene.awaitRequests(2);
        assertThat(source.now()).isEqualTo(token(1));
        gate.countDown();
        await().untilAsserted(() -> assertThat(told).hasSize(50).doesNotContain(false));
        assertThat(source.now()).isEqualTo(token(2));
        assertThat(scene.server.requests()).hasSize(2);
    }

    @Test
    void whoAsksLateHearsOfTheNewOneWithoutAFetch() throws Exception {
        CredentialSource source = scene.readySource();
        refuse(source, token(1));
        awaitTold(true);
        refuse(source, token(1));
        awaitTold(true);
        assertThat(scene.server.requests()).hasSize(2);
    }

    @Test
    void oneThatIsRefusedAsWellIsNotFetchedAgainForAWhile() throws Exception {
        CredentialSource source = scene.readySource();
        refuse(source, token(1));
        awaitTold(true);
        scene.room.advance(BETWEEN_REFUSALS.minus(A_MOMENT));
        refuse(source, token(2));
        awaitTold(false);
        assertThat(scene.server.requests()).hasSize(2);
        scene.room.advance(A_MOMENT);
        refuse(source, token(2));
        awaitTold(true);
        assertThat(source.now()).isEqualTo(token(3));
    }

    @Test
    void aFetchThatIsUnderWayAnywayServesThem() throws Exception {
        CredentialSource source = scene.readySource();
        CountDownLatch gate = scene.server.stall();
        scene.room.advance(TokenScene.HOUR.minus(TokenScene.MARGIN));
        scene.awaitRequests(2);
        refuse(source, token(1));
        scene.room.settle();
        gate.countDown();
        awaitTold(true);
        assertThat(scene.server.requests()).hasSize(2);
    }

    @Test
    void aFetchThatFailsIsToldAndTheOldOneStaysAndTheNextIsTriedSoon() throws Exception {
        CredentialSource source = scene.readySource();
        scene.server.script("500 Internal Server Error", "");
        refuse(source, token(1));
        awaitTold(false);
        awaitFailures(source, 1);
        assertThat(source.now()).isEqualTo(token(1));
        scene.room.advance(Duration.ofSeconds(1));
        awaitToken(source, 2);
    }

    @Test
    void theSameTokenOnceMoreIsNoOther() throws Exception {
        CredentialSource source = scene.readySource();
        // Servers of machines keep theirs for a while.
        scene.server.script("200 OK", "{\"access_token\":\"token-1\",\"expires_in\":3599}");
        refuse(source, token(1));
        awaitTold(false);
    }

    @Test
    void aSecretOfTheConfHasNoOther() {
        refuse(scene.credentials.source(new Credential.ApiKey(new Secret("k"))), Headers.API_KEY.with("k"));
        assertThat(told).containsExactly(false);
    }

    @Test
    void whoHasGoneMeanwhileDoesNotKeepTheOthersFromHearing() throws Exception {
        CredentialSource source = scene.readySource();
        source.refused(
                token(1),
                task -> {
                    throw new RejectedExecutionException();
                },
                told::add);
        refuse(source, token(1));
        awaitTold(true);
    }

    @Test
    void afterTheConfHasDroppedItNothingIsFetched() throws Exception {
        CredentialSource source = scene.readySource();
        scene.credentials.retain(Set.of());
        refuse(source, token(1));
        awaitTold(false);
        assertThat(scene.server.requests()).hasSize(1);
    }
}
