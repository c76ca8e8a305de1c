package io.crowfly.balancer.affinity;

import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Patience;
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

    /** Looks at Redis take as long as a test is patient, so that what is there is found however busy the machine is. */
    static State.Redis conf(String url) {
        return conf(url, Duration.ofSeconds(Patience.SECONDS));
    }

    private static State.Redis conf(String url, Duration timeout) {
        return new State.Redis(new Secret(url), timeout);
    }

    SharedHomes instance() {
        return instance(redis.url());
    }

    SharedHomes instance(String url) {
        return instance(new LocalHomes(TTL, 1_000_000), url);
    }

    SharedHomes instance(LocalHomes local, String url) {
        return started(new SharedHomes(local, conf(url), TTL));
    }

    /** One that does not wait for Redis. */
    SharedHomes impatientInstance() {
        return started(new SharedHomes(new LocalHomes(TTL, 1_000_000), conf(redis.url(), Duration.ofMillis(100)), TTL));
    }

    private SharedHomes started(SharedHomes homes) {
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
        return told.orTimeout(Patience.SECONDS, TimeUnit.SECONDS).join();
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
