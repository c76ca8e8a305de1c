package io.crowfly.balancer.affinity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Interner;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Owners that this instance remembers in memory: a limited number of ids, each until it has not been used for the time
 * to live. The limits may change at any time. Entries within the new limits stay.
 */
final class LocalOwners implements Owners {

    private final Cache<String, String> backends;

    /**
     * Pool of backend names, so that equal names share one string. There are millions of ids but few backends, and each
     * conf and each reply of Redis creates new strings.
     */
    private final Interner<String> backendNames = Interner.newWeakInterner();

    LocalOwners(Duration ttl, int maxIds, Ticker ticker) {
        backends = Caffeine.newBuilder()
                .maximumSize(maxIds)
                .expireAfterAccess(ttl)
                .ticker(ticker)
                .build();
    }

    LocalOwners(Duration ttl, int maxIds) {
        this(ttl, maxIds, Ticker.systemTicker());
    }

    void setLimits(Duration ttl, int maxIds) {
        backends.policy().expireAfterAccess().orElseThrow().setExpiresAfter(ttl);
        backends.policy().eviction().orElseThrow().setMaximum(maxIds);
    }

    @Override
    public Optional<String> knownOwner(String id) {
        return Optional.ofNullable(backends.getIfPresent(id));
    }

    /** Returns the owner if it is known, but does not count as a use, so the id's time to live is not renewed. */
    Optional<String> peekOwner(String id) {
        return Optional.ofNullable(backends.policy().getIfPresentQuietly(id));
    }

    @Override
    public boolean shared() {
        return false;
    }

    @Override
    public void lookUp(String id, Executor executor, Consumer<Optional<String>> callback) {
        executor.execute(() -> callback.accept(knownOwner(id)));
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

    /** Records an owner without a check of the id's format. */
    void put(String id, String backend) {
        backends.put(id, backendNames.intern(backend));
    }

    /**
     * Returns the most recently used ids, the latest first, at most {@code maxIds}. Blocks while the ids are copied.
     */
    Collection<String> latestIds(int maxIds) {
        return latest(maxIds).keySet();
    }

    /** Returns approximately the number of ids that are remembered. */
    long size() {
        return backends.estimatedSize();
    }

    /** Returns the most recently used ids with their backends, the latest first. Blocks while they are copied. */
    Map<String, String> latest(int maxIds) {
        return backends.policy().expireAfterAccess().orElseThrow().youngest(maxIds);
    }
}
