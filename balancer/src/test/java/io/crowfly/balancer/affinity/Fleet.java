package io.crowfly.balancer.affinity;

import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.RedisServer;
import io.crowfly.conf.Secret;
import io.crowfly.conf.State;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Instances that share what they know by one Redis. */
final class Fleet implements AutoCloseable {

    static final Duration TTL = Duration.ofHours(1);

    private final RedisServer redis;
    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final List<AutoCloseable> parts = new ArrayList<>();

    Fleet(RedisServer redis) {
        this.redis = redis;
    }

    static State.Redis conf(String url) {
        return new State.Redis(new Secret(url), Duration.ofMillis(100));
    }

    SharedHomes instance() {
        return instance(redis.url());
    }

    SharedHomes instance(String url) {
        return instance(new LocalHomes(TTL, 1_000_000), url);
    }

    SharedHomes instance(LocalHomes local, String url) {
        SharedHomes homes = new SharedHomes(local, conf(url), TTL);
        homes.start();
        parts.add(homes);
        return homes;
    }

    static SharedHomes reachable(SharedHomes homes) {
        await().until(homes::reachable);
        return homes;
    }

    Optional<String> ask(SharedHomes homes, String id) {
        CompletableFuture<Optional<String>> told = new CompletableFuture<>();
        homes.ask(id, executor, told::complete);
        return told.orTimeout(10, TimeUnit.SECONDS).join();
    }

    /** All that Redis has. */
    List<String> keys() {
        try (RedisClient client = RedisClient.create(redis.url());
                StatefulRedisConnection<String, String> connection = client.connect()) {
            return connection.sync().keys("*");
        }
    }

    void awaitFound(SharedHomes homes, String id, String backend) {
        await().until(() -> ask(homes, id).equals(Optional.of(backend)));
    }

    /** Has one instance learn and another asked, over and over. */
    Load load(SharedHomes learner, SharedHomes asked) {
        Load load = new Load(learner, asked, executor);
        parts.add(load);
        return load;
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable part : parts) {
            part.close();
        }
        executor.shutdownNow();
    }
}
