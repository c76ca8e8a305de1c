package io.crowfly.balancer.affinity;

import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.RedisServer;
import io.crowfly.balancer.testbed.TestTimeout;
import io.crowfly.conf.State;
import io.crowfly.conf.value.Secret;
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

/** Fleet of instances that share owners through one Redis. */
final class Fleet implements AutoCloseable {

    static final Duration TTL = Duration.ofHours(1);

    private final RedisServer redis;
    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final List<AutoCloseable> parts = new ArrayList<>();

    Fleet(RedisServer redis) {
        this.redis = redis;
    }

    /**
     * Returns a conf whose lookups may take as long as a test waits, so that entries are found however busy the machine
     * is.
     */
    static State.Redis conf(String url) {
        return conf(url, Duration.ofSeconds(TestTimeout.SECONDS));
    }

    private static State.Redis conf(String url, Duration timeout) {
        return new State.Redis(new Secret(url), timeout);
    }

    SharedOwners instance() {
        return instance(redis.url());
    }

    SharedOwners instance(String url) {
        return instance(new LocalOwners(TTL, 1_000_000), url);
    }

    SharedOwners instance(LocalOwners localOwners, String url) {
        return started(new SharedOwners(localOwners, conf(url), TTL));
    }

    /** Returns an instance whose lookups in Redis time out after 100 ms. */
    SharedOwners instanceWithShortTimeout() {
        return started(
                new SharedOwners(new LocalOwners(TTL, 1_000_000), conf(redis.url(), Duration.ofMillis(100)), TTL));
    }

    private SharedOwners started(SharedOwners owners) {
        owners.start();
        parts.add(owners);
        return owners;
    }

    static SharedOwners awaitReachable(SharedOwners owners) {
        await().until(owners::reachable);
        return owners;
    }

    Optional<String> lookUp(SharedOwners owners, String id) {
        CompletableFuture<Optional<String>> owner = new CompletableFuture<>();
        owners.lookUp(id, executor, owner::complete);
        return owner.orTimeout(TestTimeout.SECONDS, TimeUnit.SECONDS).join();
    }

    /** Returns all keys in Redis. */
    List<String> keys() {
        try (RedisClient client = RedisClient.create(redis.url());
                StatefulRedisConnection<String, String> connection = client.connect()) {
            return connection.sync().keys("*");
        }
    }

    void awaitOwner(SharedOwners owners, String id, String backend) {
        await().until(() -> lookUp(owners, id).equals(Optional.of(backend)));
    }

    /** Records owners on one instance and looks them up on another, continuously. */
    LookupLoad load(SharedOwners writer, SharedOwners reader) {
        LookupLoad load = new LookupLoad(writer, reader, executor);
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
