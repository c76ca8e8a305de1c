package io.crowfly.balancer.affinity;

import io.crowfly.conf.State;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Owners that several Crowfly instances share through Redis or Valkey. The memory of this instance is read first: an id
 * found there is not looked up in Redis, and replies of Redis are stored there. While Redis is slow or unreachable,
 * only this memory is used.
 */
public final class SharedOwners implements Owners, AutoCloseable {

    private static final String KEY_PREFIX = "crowfly:home:";

    private final LocalOwners localOwners;
    private final State.Redis conf;
    private final Duration ttl;
    private final RedisURI uri;
    private final WriteBehind writes;

    private volatile @Nullable RedisLink link;

    private final LongAdder lookups = new LongAdder();
    private final LongAdder completedLookups = new LongAdder();
    private final LongAdder failedLookups = new LongAdder();

    /**
     * Holds no resources before {@link #start}.
     *
     * @param ttl time that an id is kept after its last use
     * @throws IllegalArgumentException if the URL is not a Redis URL; the message does not contain the URL
     */
    SharedOwners(LocalOwners localOwners, State.Redis conf, Duration ttl) {
        this.localOwners = localOwners;
        this.conf = conf;
        this.ttl = ttl;
        uri = uri(conf);
        writes = new WriteBehind(localOwners, this::commands, ttl);
    }

    private static RedisURI uri(State.Redis conf) {
        RedisURI uri;
        try {
            uri = RedisURI.create(conf.url().reveal());
        } catch (IllegalArgumentException e) {
            // The cause is not attached, because its message contains the URL and so the password.
            throw new IllegalArgumentException("the URL of Redis is neither redis://host:port nor rediss://host:port");
        }
        uri.setTimeout(RedisLink.HANDSHAKE_TIMEOUT);
        uri.setClientName("crowfly");
        return uri;
    }

    /** Starts to connect in the background. Must be called once. */
    void start() {
        link = new RedisLink(uri, writes::rewriteLatest, writes::resume);
    }

    /** Returns whether this object was created with an equal conf and time to live, so that a reload can keep it. */
    boolean hasConf(State.Redis other, Duration otherTtl) {
        return conf.equals(other) && ttl.equals(otherTtl);
    }

    static String key(String id) {
        return KEY_PREFIX + id;
    }

    private Optional<RedisAsyncCommands<String, String>> commands() {
        RedisLink current = link;
        return current == null ? Optional.empty() : current.commands();
    }

    @Override
    public Optional<String> knownOwner(String id) {
        return localOwners.knownOwner(id);
    }

    @Override
    public boolean shared() {
        return true;
    }

    @Override
    public void lookUp(String id, Executor executor, Consumer<Optional<String>> callback) {
        Optional<String> known = localOwners.knownOwner(id);
        if (known.isPresent() || !StateIdFormat.isWellFormed(id)) {
            executor.execute(() -> callback.accept(known));
            return;
        }
        lookups.increment();
        Optional<RedisAsyncCommands<String, String>> current = commands();
        if (current.isEmpty()) {
            failedLookups.increment();
            executor.execute(() -> callback.accept(Optional.empty()));
            return;
        }
        lookUpInRedis(current.get(), id)
                .copy()
                .orTimeout(conf.timeout().toNanos(), TimeUnit.NANOSECONDS)
                .whenComplete((found, failure) -> {
                    (failure == null ? completedLookups : failedLookups).increment();
                    executor.execute(() -> callback.accept(failure == null ? found : Optional.empty()));
                });
    }

    /**
     * Looks up the owner of an id in Redis and stores the reply in the local memory. A reply after the timeout is
     * stored too, for the next lookup.
     */
    private CompletableFuture<Optional<String>> lookUpInRedis(RedisAsyncCommands<String, String> redis, String id) {
        return redis.get(key(id)).toCompletableFuture().thenApply(backend -> {
            Optional<String> found = Optional.ofNullable(backend);
            found.ifPresent(name -> localOwners.put(id, name));
            return found;
        });
    }

    @Override
    public void recordOwner(String id, String backend) {
        if (StateIdFormat.mayBeRecorded(id)) {
            put(id, backend);
        }
    }

    @Override
    public void recordSecretOwner(String secret, String backend) {
        put(StateIdFormat.fromSecret(secret), backend);
    }

    private void put(String id, String backend) {
        localOwners.put(id, backend);
        writes.add(id);
    }

    /** Returns whether Redis is connected and has replied to all pings, except perhaps the last one. */
    public boolean reachable() {
        RedisLink current = link;
        return current != null && current.reachable();
    }

    /** Returns the number of lookups that needed Redis, whether Redis was reachable or not. */
    public long lookups() {
        return lookups.sum();
    }

    /** Returns the number of {@link #lookups} to which Redis replied in time, with an owner or without. */
    public long completedLookups() {
        return completedLookups.sum();
    }

    /** Returns the number of {@link #lookups} to which Redis did not reply in time. */
    public long failedLookups() {
        return failedLookups.sum();
    }

    /** Returns the number of ids written to Redis, repeated writes included. */
    public long writtenIds() {
        return writes.writtenIds();
    }

    /**
     * Returns the number of ids that were not written because Redis was unreachable for too long. This instance still
     * knows their owners.
     */
    public long droppedIds() {
        return writes.droppedIds();
    }

    /** Returns a text for logs. It does not contain the URL, which may contain a password. */
    @Override
    public String toString() {
        return "SharedOwners[" + (reachable() ? "reachable" : "unreachable") + "]";
    }

    /** Closes the connection. Never blocks. Later lookups use only this instance's memory. */
    @Override
    public void close() {
        RedisLink current = link;
        if (current != null) {
            current.close();
        }
    }
}
