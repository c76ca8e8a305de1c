package io.crowfly.balancer.affinity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Interner;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What this instance alone knows: so many ids, each as long as it was seen not too long ago. The bounds may change at any
 * time without losing what is within the new ones.
 */
final class LocalHomes implements Homes {

    private final Cache<String, String> backends;

    /** There are millions of ids and a few backends, whose names come anew from each conf and from each answer of Redis. */
    private final Interner<String> names = Interner.newWeakInterner();

    LocalHomes(Duration ttl, int ids, Ticker ticker) {
        backends = Caffeine.newBuilder()
                .maximumSize(ids)
                .expireAfterAccess(ttl)
                .ticker(ticker)
                .build();
    }

    LocalHomes(Duration ttl, int ids) {
        this(ttl, ids, Ticker.systemTicker());
    }

    void bound(Duration ttl, int ids) {
        backends.policy().expireAfterAccess().orElseThrow().setExpiresAfter(ttl);
        backends.policy().eviction().orElseThrow().setMaximum(ids);
    }

    @Override
    public Optional<String> known(String id) {
        return Optional.ofNullable(backends.getIfPresent(id));
    }

    /** As {@link #known}, but does not count as being seen. */
    Optional<String> peek(String id) {
        return Optional.ofNullable(backends.policy().getIfPresentQuietly(id));
    }

    @Override
    public boolean shared() {
        return false;
    }

    @Override
    public void ask(String id, Executor executor, Consumer<Optional<String>> then) {
        executor.execute(() -> then.accept(known(id)));
    }

    @Override
    public void learn(String id, String backend) {
        if (Ids.plausible(id)) {
            put(id, backend);
        }
    }

    @Override
    public void learnSecret(String secret, String backend) {
        put(Ids.ofSecret(secret), backend);
    }

    /** Whatever the id stands for. */
    void put(String id, String backend) {
        backends.put(id, names.intern(backend));
    }

    /** The ids that were seen last, at most so many, the latest first. Blocks for as long as it takes to copy them. */
    Collection<String> latest(int ids) {
        return backends.policy().expireAfterAccess().orElseThrow().youngest(ids).keySet();
    }

    /** How many ids are remembered, about. */
    long size() {
        return backends.estimatedSize();
    }
}
