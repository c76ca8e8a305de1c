package io.crowfly.balancer.affinity;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.balancer.testbed.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fleet and a real Redis that comes and goes. */
class SharedHomesIT {

    @TempDir
    Path directory;

    private RedisServer redis;
    private Fleet fleet;

    @BeforeEach
    void setUp() throws IOException {
        redis = new RedisServer(directory);
        fleet = new Fleet(redis);
    }

    @AfterEach
    void tearDown() throws Exception {
        fleet.close();
        redis.close();
    }

    @Test
    void whatOneInstanceLearnsAnotherFinds() throws IOException {
        redis.start();
        SharedHomes one = Fleet.reachable(fleet.instance());
        SharedHomes other = Fleet.reachable(fleet.instance());

        one.learn("resp_1", "azure");
        one.learn("not an id", "azure");
        await().until(() -> one.learned() == 1);

        assertThat(other.known("resp_1")).isEmpty();
        assertThat(fleet.ask(other, "resp_1")).contains("azure");
        assertThat(other.known("resp_1")).contains("azure");
        assertThat(fleet.ask(other, "resp_2")).isEmpty();
        assertThat(fleet.ask(other, "not an id")).isEmpty();
        assertThat(other.asked()).isEqualTo(2);
        assertThat(other.answered()).isEqualTo(2);
        assertThat(other.unanswered()).isZero();
    }

    @Test
    void whoGaveOutASecretIsFoundByAnotherAndTheSecretIsNotInRedis() throws IOException {
        redis.start();
        SharedHomes one = Fleet.reachable(fleet.instance());
        SharedHomes other = Fleet.reachable(fleet.instance());
        String id = Ids.ofSecret("ek_1");

        one.learnSecret("ek_1", "azure");
        one.learn(Ids.ofSecret("ek_2"), "azure");
        await().until(() -> one.learned() == 1);

        assertThat(fleet.ask(other, id)).contains("azure");
        assertThat(other.known(id)).contains("azure");
        assertThat(fleet.ask(other, Ids.ofSecret("ek_2"))).isEmpty();
        assertThat(fleet.keys()).containsExactly("crowfly:home:" + id);
    }

    @Test
    void requestsGoOnWhileRedisIsKilledAndWhatWasLearnedIsFoundAfterwardsThoughItHasForgotten() throws Exception {
        redis.start();
        SharedHomes one = Fleet.reachable(fleet.impatientInstance());
        SharedHomes other = Fleet.reachable(fleet.impatientInstance());
        for (int i = 0; i < 1000; i++) {
            one.learn("before_" + i, "azure");
        }
        await().until(() -> one.learned() == 1000);
        Load load = fleet.load(one, other);

        await().until(() -> load.found.get() > 100);
        redis.kill();
        await().until(() -> !one.reachable() && !other.reachable());
        int asked = load.answers.get();
        await().until(() -> load.answers.get() > asked + 1000);
        one.learn("away", "google");
        assertThat(one.known("before_0")).contains("azure");
        redis.start();
        Fleet.reachable(one);
        Fleet.reachable(other);
        load.stop();

        SharedHomes fresh = Fleet.reachable(fleet.instance());
        fleet.awaitFound(fresh, "away", "google");
        await().until(() -> IntStream.range(0, 1000)
                .allMatch(i -> fleet.ask(fresh, "before_" + i).equals(Optional.of("azure"))));
        assertThat(load.answers.get()).isEqualTo(load.asks.get());
    }

    @Test
    void nobodyWaitsForARedisThatDoesNotAnswer() throws Exception {
        redis.start();
        SharedHomes one = Fleet.reachable(fleet.impatientInstance());
        SharedHomes other = Fleet.reachable(fleet.impatientInstance());
        Load load = fleet.load(one, other);
        await().until(() -> load.found.get() > 100);

        try (CapturedLog log = new CapturedLog(RedisLink.class.getName())) {
            redis.halt();
            one.learn("halted", "azure");
            // A connection that is silent is given up, though nothing tells of its end; that takes some seconds.
            await().atMost(ofSeconds(30)).until(() -> log.lines(Level.WARN).size() == 2);
        }
        int asked = load.answers.get();
        await().until(() -> load.answers.get() > asked + 1000);
        redis.proceed();
        load.stop();

        assertThat(load.answers.get()).isEqualTo(load.asks.get());
        Fleet.reachable(other);
        fleet.awaitFound(other, "halted", "azure");
    }

    @Test
    void givesUpTheOldestOfWhatRedisWasNotThereToBeTold() {
        SharedHomes one = fleet.instance();

        for (int i = 0; i < WriteBehind.MAX_BACKLOG + 10; i++) {
            one.learn("resp_" + i, "azure");
        }

        assertThat(one.lost()).isEqualTo(10);
        assertThat(one.known("resp_0")).contains("azure");
    }

    @Test
    void tellsARedisThatComesLaterWhatItHasLearnedBefore() throws IOException {
        SharedHomes one = fleet.instance();
        one.learn("resp_1", "azure");
        assertThat(fleet.ask(one, "resp_2")).isEmpty();
        assertThat(one.unanswered()).isEqualTo(1);
        assertThat(one.reachable()).isFalse();

        redis.start();

        fleet.awaitFound(Fleet.reachable(fleet.instance()), "resp_1", "azure");
    }

    @Test
    void whatIsSaidAgainDoesNotReplaceWhatAnotherHasLearnedSince() throws Exception {
        redis.start();
        LocalHomes stale = new LocalHomes(Fleet.TTL, 1000);
        stale.learn("resp_1", "azure");
        SharedHomes newer = Fleet.reachable(fleet.instance());
        newer.learn("resp_1", "google");
        await().until(() -> newer.learned() == 1);

        SharedHomes older = Fleet.reachable(fleet.instance(stale, redis.url()));
        await().until(() -> older.learned() == 1);

        assertThat(fleet.ask(Fleet.reachable(fleet.instance()), "resp_1")).contains("google");
    }
}
