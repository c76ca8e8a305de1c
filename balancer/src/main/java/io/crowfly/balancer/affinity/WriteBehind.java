package io.crowfly.balancer.affinity;

import io.lettuce.core.SetArgs;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/*
 * A restarted Redis may have lost everything, the last seconds, or nothing. That depends on its settings, which Crowfly
 * does not know. So each instance that reconnects writes its most recently used ids again, with SET NX (set if absent).
 * SET NX changes nothing in a Redis that has kept its data, and cannot overwrite an owner that another instance has
 * recorded since.
 *
 * Only ids are queued. The owner of an id is looked up when the id is written, so that the owner recorded last is
 * written last.
 */

/** Queue that writes recorded owners to Redis in the background, as fast as Redis confirms the writes. Thread-safe. */
final class WriteBehind {

    /**
     * Maximum number of writes without a reply, so that the speed of Redis limits the writes. A lookup in Redis is
     * delayed by at most this number of writes of each instance, one or two microseconds each.
     */
    private static final int MAX_PENDING_WRITES = 64;

    /** Maximum number of ids that are queued while Redis is unreachable, about 100 bytes each. */
    static final int MAX_BACKLOG = 10_000;

    /**
     * Maximum number of ids that are written again after a reconnection. They take about a second of one processor,
     * both here and at Redis.
     */
    private static final int MAX_REWRITTEN = 100_000;

    private final LocalOwners localOwners;
    private final Supplier<Optional<RedisAsyncCommands<String, String>>> redis;
    private final SetArgs setAlways;
    private final SetArgs setIfAbsent;

    private final Queue<String> backlog = new ConcurrentLinkedQueue<>();
    private final AtomicInteger backlogSize = new AtomicInteger();
    private volatile Queue<String> rewriteQueue = new ConcurrentLinkedQueue<>();

    private final AtomicInteger pendingWrites = new AtomicInteger();

    /** True after a write has failed, until {@link #resume}. Otherwise the next writes would fail too. */
    private volatile boolean halted;

    private final LongAdder writtenIds = new LongAdder();
    private final LongAdder droppedIds = new LongAdder();

    WriteBehind(LocalOwners localOwners, Supplier<Optional<RedisAsyncCommands<String, String>>> redis, Duration ttl) {
        this.localOwners = localOwners;
        this.redis = redis;
        long seconds = Math.max(1, ttl.toSeconds());
        setAlways = SetArgs.Builder.ex(seconds);
        setIfAbsent = SetArgs.Builder.ex(seconds).nx();
    }

    /** Queues an id whose owner was just recorded. Never blocks. If the queue is full, the oldest id is dropped. */
    void add(String id) {
        enqueue(id);
        write();
    }

    private void enqueue(String id) {
        backlog.add(id);
        if (backlogSize.incrementAndGet() > MAX_BACKLOG && poll() != null) {
            droppedIds.increment();
        }
    }

    private @Nullable String poll() {
        String id = backlog.poll();
        if (id != null) {
            backlogSize.decrementAndGet();
        }
        return id;
    }

    /**
     * Writes the most recently used ids again. Called after a reconnection, because the Redis may have lost its data.
     */
    void rewriteLatest() {
        Collection<String> latest = localOwners.latestIds(MAX_REWRITTEN);
        rewriteQueue = new ConcurrentLinkedQueue<>(latest);
        resume();
    }

    /** Resumes writing after a failed write. */
    void resume() {
        halted = false;
        write();
    }

    private void write() {
        Optional<RedisAsyncCommands<String, String>> commands = redis.get();
        while (commands.isPresent() && !halted) {
            if (pendingWrites.incrementAndGet() > MAX_PENDING_WRITES || !writeNext(commands.get())) {
                pendingWrites.decrementAndGet();
                return;
            }
        }
    }

    private boolean writeNext(RedisAsyncCommands<String, String> commands) {
        String backlogId = poll();
        String id = backlogId == null ? rewriteQueue.poll() : backlogId;
        if (id == null) {
            return false;
        }
        // Since the id was queued, this instance may have forgotten its owner. Then there is nothing to write.
        String backend = localOwners.peekOwner(id).orElse(null);
        if (backend == null) {
            pendingWrites.decrementAndGet();
            return true;
        }
        commands.set(SharedOwners.key(id), backend, backlogId == null ? setIfAbsent : setAlways)
                .whenComplete((ok, failure) -> {
                    pendingWrites.decrementAndGet();
                    if (failure == null) {
                        writtenIds.increment();
                        write();
                    } else {
                        halted = true;
                        if (backlogId != null) {
                            enqueue(backlogId);
                        }
                    }
                });
        return true;
    }

    /** Returns the number of writes that Redis has confirmed. */
    long writtenIds() {
        return writtenIds.sum();
    }

    /** Returns the number of ids that were dropped because the queue was full. */
    long droppedIds() {
        return droppedIds.sum();
    }
}
