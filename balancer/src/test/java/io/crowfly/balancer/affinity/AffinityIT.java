package io.crowfly.balancer.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.RedisServer;
import io.crowfly.conf.State;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A conf that changes under a fleet with a real Redis. */
class AffinityIT {

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
    void aReloadKeepsWhatIsKnownAndAConnectionThatIsStillWanted() throws Exception {
        redis.start();
        State state = new State(Optional.empty(), Fleet.TTL, 1000, Optional.of(Fleet.conf(redis.url())));
        try (Affinity affinity = new Affinity()) {
            affinity.prepare(State.DEFAULT).homes().learn("resp_1", "azure");
            affinity.prepare(state).commit();
            SharedHomes before = affinity.shared().orElseThrow();
            Fleet.reachable(before);

            State elsewhere = new State(Optional.of("azure"), Fleet.TTL, 10, state.redis());
            affinity.prepare(elsewhere).commit();
            assertThat(affinity.shared()).containsSame(before);
            fleet.awaitFound(Fleet.reachable(fleet.instance()), "resp_1", "azure");

            affinity.prepare(new State(Optional.empty(), Fleet.TTL.plusHours(1), 1000, state.redis()))
                    .commit();
            assertThat(affinity.shared().orElseThrow()).isNotSameAs(before);
            await().until(() -> !before.reachable());
            assertThat(fleet.ask(before, "resp_2")).isEmpty();

            Affinity.Prepared alone = affinity.prepare(State.DEFAULT);
            alone.commit();
            assertThat(affinity.shared()).isEmpty();
            assertThat(alone.homes().known("resp_1")).contains("azure");
        }
    }
}
