package io.crowfly.balancer.credential;

import static io.crowfly.balancer.credential.TokenScene.HOUR;
import static io.crowfly.balancer.credential.TokenScene.LEAST;
import static io.crowfly.balancer.credential.TokenScene.MARGIN;
import static io.crowfly.balancer.credential.TokenScene.awaitFailures;
import static io.crowfly.balancer.credential.TokenScene.awaitToken;
import static io.crowfly.balancer.credential.TokenScene.token;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
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

/** A token from its first fetch to its end. */
class TokenLifeTest {

    private static final Duration A_MOMENT = Duration.ofMillis(1);
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** The expired are thrown out by a wheel that turns about once a second. */
    private static final Duration TURNS_OF_THE_WHEEL = Duration.ofSeconds(3);

    @Test
    void isFetchedAtOnceAndNotAgainUntilItsMarginBegins() throws Exception {
        try (TokenScene scene = new TokenScene(LEAST)) {
            CredentialSource source = scene.source();
            assertThat(source.now()).isInstanceOfAny(Shown.Missing.class, Shown.Header.class);
            awaitToken(source, 1);
            scene.room.advance(HOUR.minus(MARGIN).minus(A_MOMENT));
            assertThat(scene.server.requests()).hasSize(1);
            scene.room.advance(A_MOMENT);
            awaitToken(source, 2);
            assertThat(scene.server.requests()).hasSize(2);
            assertThat(source.status().expires())
                    .contains(scene.room.clock(HOUR).instant());
        }
    }

    @Test
    void isFetchedEarlierByChanceSoThatInstancesDoNotAskTogether() throws Exception {
        try (TokenScene scene = new TokenScene(1)) {
            CredentialSource source = scene.readySource();
            scene.room.advance(HOUR.minus(MARGIN.multipliedBy(12).dividedBy(10)));
            awaitToken(source, 2);
        }
    }

    @Test
    void thatLivesShortHasAThirdOfItsLifeAsMargin() throws Exception {
        try (TokenScene scene = new TokenScene(LEAST)) {
            scene.server.life(Duration.ofSeconds(60));
            CredentialSource source = scene.readySource();
            scene.room.advance(Duration.ofSeconds(40).minus(A_MOMENT));
            assertThat(scene.server.requests()).hasSize(1);
            scene.room.advance(A_MOMENT);
            awaitToken(source, 2);
        }
    }

    @Test
    void isShownUntilItTrulyExpiresWhileTheServerFails() throws Exception {
        try (TokenScene scene = new TokenScene(LEAST)) {
            CredentialSource source = scene.readySource();
            scene.server.script("500 Internal Server Error", "{}");
            scene.room.advance(HOUR.minus(MARGIN));
            awaitFailures(source, 1);
            Duration left = MARGIN;
            int failures = 1;
            for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
                scene.server.script("500 Internal Server Error", "{}");
                scene.room.advance(Duration.ofSeconds(seconds).minus(A_MOMENT));
                assertThat(scene.server.requests()).hasSize(1 + failures);
                scene.room.advance(A_MOMENT);
                awaitFailures(source, ++failures);
                left = left.minusSeconds(seconds);
            }
            scene.room.advance(left.minus(A_MOMENT));
            assertThat(source.now()).isEqualTo(token(1));
            scene.room.advance(TURNS_OF_THE_WHEEL);
            assertThat(source.now()).isEqualTo(new Shown.Missing("the last token has expired; 127.0.0.1: status 500"));
            assertThat(source.status().expires()).isEmpty();
            assertThat(scene.log.lines(Level.WARN))
                    .containsExactly("credential entra app: 127.0.0.1: status 500; "
                            + "the one in hand is shown as long as it is good");
        }
    }

    @Test
    void comesBackAfterFailuresByItself() throws Exception {
        try (TokenScene scene = new TokenScene(LEAST)) {
            scene.server.script("503 Service Unavailable", "<html>busy</html>");
            CredentialSource source = scene.source();
            awaitFailures(source, 1);
            assertThat(source.now()).isEqualTo(new Shown.Missing("127.0.0.1: status 503"));
            scene.room.advance(SECOND);
            awaitToken(source, 1);
            assertThat(source.status().failures()).isZero();
            assertThat(source.status().reason()).isEmpty();
            assertThat(scene.log.lines(Level.WARN))
                    .containsExactly("credential entra app: 127.0.0.1: status 503; "
                            + "there is none to show, and requests that need it fail");
            assertThat(scene.log.lines(Level.INFO))
                    .containsExactly("credential entra app: got again, after 1 failures");
        }
    }

    @Test
    void isNotAskedForAgainBeforeAMinuteWhenSomebodyMustMendTheConfFirst() throws Exception {
        try (TokenScene scene = new TokenScene(LEAST)) {
            scene.server.script("401 Unauthorized", "{\"error\":\"invalid_client\"}");
            CredentialSource source = scene.source();
            awaitFailures(source, 1);
            scene.room.advance(Duration.ofSeconds(60).minus(A_MOMENT));
            assertThat(scene.server.requests()).hasSize(1);
            scene.room.advance(A_MOMENT);
            awaitToken(source, 1);
        }
    }

    @Test
    void isWaitedForWithinLimitsAndHoldsUpNoOther() throws Exception {
        try (TokenScene slow = new TokenScene(LEAST);
                TokenScene quick = new TokenScene(LEAST)) {
            slow.server.stall();
            CredentialSource source = slow.source();
            slow.awaitRequests(1);
            awaitToken(slow.credentials.source(quick.credential()), 1);
            slow.room.advance(TokenServer.PATIENCE.minus(A_MOMENT));
            assertThat(source.status().failures()).isZero();
            slow.room.advance(A_MOMENT);
            awaitFailures(source, 1);
            assertThat(source.status().reason()).isEqualTo("127.0.0.1: no answer within 10 s");
        }
    }

    @Test
    void isCountedFromWhenItWasAskedFor() throws Exception {
        try (TokenScene scene = new TokenScene(LEAST)) {
            CountDownLatch gate = scene.server.stall();
            CredentialSource source = scene.source();
            scene.awaitRequests(1);
            scene.room.advance(Duration.ofSeconds(5));
            gate.countDown();
            awaitToken(source, 1);
            assertThat(source.status().expires())
                    .contains(scene.room.clock(HOUR.minusSeconds(5)).instant());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {30, -30, 86_400, -86_400})
    void lastsAsLongAsItDoesWhoeverSetsTheClock(int aheadSeconds) throws Exception {
        try (TokenScene scene = new TokenScene(LEAST)) {
            CredentialSource source = scene.readySource();
            scene.room.setClock(Duration.ofSeconds(aheadSeconds));
            scene.room.advance(HOUR.minus(MARGIN).minus(A_MOMENT));
            assertThat(source.now()).isEqualTo(token(1));
            assertThat(scene.server.requests()).hasSize(1);
            scene.room.advance(A_MOMENT);
            awaitToken(source, 2);
        }
    }

    @Test
    void isNeverMissedByReadersWhileItIsRenewed() throws Exception {
        try (TokenScene scene = new TokenScene(LEAST)) {
            CredentialSource source = scene.readySource();
            AtomicBoolean over = new AtomicBoolean();
            AtomicLong reads = new AtomicLong();
            Queue<Shown> missed = new ConcurrentLinkedQueue<>();
            List<Thread> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Thread reader = new Thread(() -> {
                    while (!over.get()) {
                        Shown shown = source.now();
                        if (!(shown instanceof Shown.Header)) {
                            missed.add(shown);
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
                    // Every third one only at its second attempt.
                    if (renewal % 3 == 0) {
                        scene.server.script("500 Internal Server Error", "{}");
                        scene.room.advance(HOUR.minus(MARGIN));
                        awaitFailures(source, 1);
                        scene.room.advance(SECOND);
                    } else {
                        scene.room.advance(HOUR.minus(MARGIN));
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
