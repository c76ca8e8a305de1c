package io.crowfly.balancer.affinity;

import io.crowfly.balancer.testbed.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Base of tests of a fleet with a real Redis, which each test starts when it needs it. */
abstract class FleetTestbed {

    @TempDir
    Path directory;

    RedisServer redis;
    Fleet fleet;

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
}
