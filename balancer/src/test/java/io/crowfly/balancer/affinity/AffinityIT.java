package io.crowfly.balancer.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.conf.State;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tests of conf changes while a fleet uses a real Redis. */
class AffinityIT extends FleetTestbed {

    @Test
    void aReloadKeepsRecordedOwnersAndAnUnchangedRedisConnection() throws Exception {
        redis.start();
        State state = new State(Optional.empty(), Fleet.TTL, 1000, Optional.of(Fleet.conf(redis.url())));
        try (Affinity affinity = new Affinity()) {
            affinity.prepare(State.DEFAULT).owners().recordOwner("resp_1", "azure");
            affinity.prepare(state).commit();
            SharedOwners before = affinity.sharedOwners().orElseThrow();
            Fleet.awaitReachable(before);

            State elsewhere = new State(Optional.of("azure"), Fleet.TTL, 10, state.redis());
            affinity.prepare(elsewhere).commit();
            assertThat(affinity.sharedOwners()).containsSame(before);
            fleet.awaitOwner(Fleet.awaitReachable(fleet.instance()), "resp_1", "azure");

            affinity.prepare(new State(Optional.empty(), Fleet.TTL.plusHours(1), 1000, state.redis()))
                    .commit();
            assertThat(affinity.sharedOwners().orElseThrow()).isNotSameAs(before);
            await().until(() -> !before.reachable());
            assertThat(fleet.lookUp(before, "resp_2")).isEmpty();

            Affinity.Prepared alone = affinity.prepare(State.DEFAULT);
            alone.commit();
            assertThat(affinity.sharedOwners()).isEmpty();
            assertThat(alone.owners().knownOwner("resp_1")).contains("azure");
        }
    }
}
