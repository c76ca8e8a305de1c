package io.crowfly.balancer.affinity;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.testbed.CapturedLog;
import java.io.IOException;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests of a fleet with a real Redis that stops and restarts. */
class SharedOwnersIT extends FleetTestbed {

    @Test
    void anInstanceFindsOwnersThatAnotherRecorded() throws IOException {
        redis.start();
        SharedOwners one = Fleet.awaitReachable(fleet.instance());
        SharedOwners other = Fleet.awaitReachable(fleet.instance());

        one.recordOwner("resp_1", "azure");
        one.recordOwner("not an id", "azure");
        await().until(() -> one.writtenIds() == 1);

        assertThat(other.knownOwner("resp_1")).isEmpty();
        assertThat(fleet.lookUp(other, "resp_1")).contains("azure");
        assertThat(other.knownOwner("resp_1")).contains("azure");
        assertThat(fleet.lookUp(other, "resp_2")).isEmpty();
        assertThat(fleet.lookUp(other, "not an id")).isEmpty();
        assertThat(other.lookups()).isEqualTo(2);
        assertThat(other.completedLookups()).isEqualTo(2);
        assertThat(other.failedLookups()).isZero();
    }

    @Test
    void anInstanceFindsTheOwnerOfASecretThatIsNotStoredInRedis() throws IOException {
        redis.start();
        SharedOwners one = Fleet.awaitReachable(fleet.instance());
        SharedOwners other = Fleet.awaitReachable(fleet.instance());
        String id = StateIdFormat.fromSecret("ek_1");

        one.recordSecretOwner("ek_1", "azure");
        one.recordOwner(StateIdFormat.fromSecret("ek_2"), "azure");
        await().until(() -> one.writtenIds() == 1);

        assertThat(fleet.lookUp(other, id)).contains("azure");
        assertThat(other.knownOwner(id)).contains("azure");
        assertThat(fleet.lookUp(other, StateIdFormat.fromSecret("ek_2"))).isEmpty();
        assertThat(fleet.keys()).containsExactly("crowfly:home:" + id);
    }

    @Test
    void lookupsContinueWhileRedisIsKilledAndOwnersAreRestoredAfterwards() throws Exception {
        redis.start();
        SharedOwners one = Fleet.awaitReachable(fleet.instanceWithShortTimeout());
        SharedOwners other = Fleet.awaitReachable(fleet.instanceWithShortTimeout());
        for (int i = 0; i < 1000; i++) {
            one.recordOwner("before_" + i, "azure");
        }
        await().until(() -> one.writtenIds() == 1000);
        LookupLoad load = fleet.load(one, other);

        await().until(() -> load.foundOwners.get() > 100);
        redis.kill();
        await().until(() -> !one.reachable() && !other.reachable());
        int completed = load.completedLookups.get();
        await().until(() -> load.completedLookups.get() > completed + 1000);
        one.recordOwner("away", "google");
        assertThat(one.knownOwner("before_0")).contains("azure");
        redis.start();
        Fleet.awaitReachable(one);
        Fleet.awaitReachable(other);
        load.stop();

        SharedOwners fresh = Fleet.awaitReachable(fleet.instance());
        fleet.awaitOwner(fresh, "away", "google");
        await().until(() -> IntStream.range(0, 1000)
                .allMatch(i -> fleet.lookUp(fresh, "before_" + i).equals(Optional.of("azure"))));
        assertThat(load.completedLookups.get()).isEqualTo(load.lookups.get());
    }

    @Test
    void lookupsDoNotWaitForARedisThatDoesNotReply() throws Exception {
        redis.start();
        SharedOwners one = Fleet.awaitReachable(fleet.instanceWithShortTimeout());
        SharedOwners other = Fleet.awaitReachable(fleet.instanceWithShortTimeout());
        LookupLoad load = fleet.load(one, other);
        await().until(() -> load.foundOwners.get() > 100);

        try (CapturedLog log = new CapturedLog(RedisLink.class.getName())) {
            redis.pause();
            one.recordOwner("halted", "azure");
            // A silent connection is closed after some seconds, although its end is not reported.
            await().atMost(ofSeconds(30)).until(() -> log.lines(Level.WARN).size() == 2);
        }
        int completed = load.completedLookups.get();
        await().until(() -> load.completedLookups.get() > completed + 1000);
        redis.resume();
        load.stop();

        assertThat(load.completedLookups.get()).isEqualTo(load.lookups.get());
        Fleet.awaitReachable(other);
        fleet.awaitOwner(other, "halted", "azure");
    }

    @Test
    void dropsTheOldestIdsWhileRedisIsUnreachable() {
        SharedOwners one = fleet.instance();

        for (int i = 0; i < WriteBehind.MAX_BACKLOG + 10; i++) {
            one.recordOwner("resp_" + i, "azure");
        }

        assertThat(one.droppedIds()).isEqualTo(10);
        assertThat(one.knownOwner("resp_0")).contains("azure");
    }

    @Test
    void writesEarlierOwnersToARedisThatStartsLater() throws IOException {
        SharedOwners one = fleet.instance();
        one.recordOwner("resp_1", "azure");
        assertThat(fleet.lookUp(one, "resp_2")).isEmpty();
        assertThat(one.failedLookups()).isEqualTo(1);
        assertThat(one.reachable()).isFalse();

        redis.start();

        fleet.awaitOwner(Fleet.awaitReachable(fleet.instance()), "resp_1", "azure");
    }

    @Test
    void aRewriteDoesNotReplaceANewerOwner() throws Exception {
        redis.start();
        LocalOwners stale = new LocalOwners(Fleet.TTL, 1000);
        stale.recordOwner("resp_1", "azure");
        SharedOwners newer = Fleet.awaitReachable(fleet.instance());
        newer.recordOwner("resp_1", "google");
        await().until(() -> newer.writtenIds() > 0);

        SharedOwners older = Fleet.awaitReachable(fleet.instance(stale, redis.url()));
        await().until(() -> older.writtenIds() > 0);

        assertThat(fleet.lookUp(Fleet.awaitReachable(fleet.instance()), "resp_1"))
                .contains("google");
    }
}
