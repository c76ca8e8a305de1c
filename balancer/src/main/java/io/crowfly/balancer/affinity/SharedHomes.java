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
 * What a fleet knows together, by way of Redis or Valkey. This instance's own memory stands before it: what that knows is
 * never asked for, and what Redis answers is kept there. While Redis is slow or gone there is that memory alone.
 */
public final class SharedHomes implements Homes, AutoCloseable {

    private static final String KEY_PREFIX = "crowfly:home:";

    private final LocalHomes local;
    private final State.Redis conf;
    private final Duration ttl;
    private final RedisURI uri;
    private final WriteBehind writes;

    private volatile @Nullable RedisLink link;

    private final LongAdder asked = new LongAdder();
    private final LongAdder answered = new LongAdder();
    private final LongAdder unanswered = new LongAdder();

    /**
     * Holds nothing before it is {@linkplain #start started}.
     *
     * @throws IllegalArgumentException if the URL is none of Redis; the message does not show it
     */
    SharedHomes(LocalHomes local, State.Redis conf, Duration ttl) {
        this.local = local;
        this.conf = conf;
        this.ttl = ttl;
        uri = uri(conf);
        writes = new WriteBehind(local, this::commands, ttl);
    }

    private static RedisURI uri(State.Redis conf) {
        RedisURI uri;
        try {
            uri = RedisURI.create(conf.url().reveal());
        } catch (IllegalArgumentException e) {
            // Without its cause, which quotes the URL and so the password.
            throw new IllegalArgumentException("the URL of Redis is neither redis://host:port nor rediss://host:port");
        }
        uri.setTimeout(RedisLink.HANDSHAKE_TIMEOUT);
        uri.setClientName("crowfly");
        return uri;
    }

    /** Connects in the background. Once. */
    void start() {
        link = new RedisLink(uri, writes::repeat, writes::resume);
    }

    /** Whether it is what another one with this conf would be. */
    boolean serves(State.Redis other, Duration otherTtl) {
        return conf.equals(other) && ttl.equals(otherTtl);
    }

    static String key(String id) {
        return KEY_PREFIX + id;
    }

    private Optional<RedisAsyncCommands<String, String>> commands() {
        RedisLink now = link;
        return now == null ? Optional.empty() : now.commands();
    }

    @Override
    public Optional<String> known(String id) {
        return local.known(id);
    }

    @Override
    public boolean shared() {
        return true;
    }

    @Override
    public void ask(String id, Executor executor, Consumer<Optional<String>> then) {
        Optional<String> known = local.known(id);
        if (known.isPresent() || !Ids.askable(id)) {
            executor.execute(() -> then.accept(known));
            return;
        }
        asked.increment();
        Optional<RedisAsyncCommands<String, String>> now = commands();
        if (now.isEmpty()) {
            unanswered.increment();
            executor.execute(() -> then.accept(Optional.empty()));
            return;
        }
        answer(now.get(), id)
                .copy()
                .orTimeout(conf.timeout().toNanos(), TimeUnit.NANOSECONDS)
                .whenComplete((found, failure) -> {
                    (failure == null ? answered : unanswered).increment();
                    executor.execute(() -> then.accept(failure == null ? found : Optional.empty()));
                });
    }

    /** An answer that comes too late for who has asked is there for who asks next. */
    private CompletableFuture<Optional<String>> answer(RedisAsyncCommands<String, String> redis, String id) {
        return redis.get(key(id)).toCompletableFuture().thenApply(backend -> {
            Optional<String> found = Optional.ofNullable(backend);
            found.ifPresent(name -> local.put(id, name));
            return found;
        });
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

    private void put(String id, String backend) {
        local.put(id, backend);
        writes.add(id);
    }

    /** Whether Redis has answered a moment ago. */
    public boolean reachable() {
        RedisLink now = link;
        return now != null && now.reachable();
    }

    /** How many ids Redis was to be asked for, whether it was there or not. */
    public long asked() {
        return asked.sum();
    }

    /** How many of the {@link #asked} it answered in time, that it knows them or that it doesn't. */
    public long answered() {
        return answered.sum();
    }

    /** How many of the {@link #asked} it did not answer in time. */
    public long unanswered() {
        return unanswered.sum();
    }

    /** How many ids it was told, those that it was told again included. */
    public long learned() {
        return writes.written();
    }

    /** How many ids it was to be told and, being away too long, was not; they are known on this instance. */
    public long lost() {
        return writes.lost();
    }

    /** Without the URL, which may have a password in it. */
    @Override
    public String toString() {
        return "SharedHomes[" + (reachable() ? "reachable" : "away") + "]";
    }

    /** Never blocks. What asks after that hears that nothing is known. */
    @Override
    public void close() {
        RedisLink now = link;
        if (now != null) {
            now.close();
        }
    }
}
