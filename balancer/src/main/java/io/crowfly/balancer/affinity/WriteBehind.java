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
 * A restarted Redis may have lost everything, the last seconds, or nothing. That depends on its operator's settings and
 * cannot be seen from here. So each instance that reconnects writes its most recently used ids again, with SET NX. NX
 * changes nothing in a Redis that has kept its data, and cannot overwrite what another instance has recorded since.
 *
 * Only ids are queued. The owner of an id is looked up when the id is written, so that the owner recorded last is
 * written last.
 */

/** Queue that writes recorded owners to Redis, at the rate that Redis accepts. Thread-safe. */
final class WriteBehind {

    /**
     * Limit of writes without a reply, which sets the pace. A lookup in Redis is delayed by at most this many writes of
     * each instance, a microsecond or two each.
     */
    private static final int MAX_PENDING_WRITES = 64;

    /** Limit of ids that are queued while Redis is unreachable; some 100 bytes each. */
    static final int MAX_BACKLOG = 10_000;

    /** Limit of ids that are written again: about a second of one processor here, and of Redis. */
    private static final int MAX_REWRITTEN = 100_000;

    private final LocalOwners localOwners;
    private final Supplier<Optional<RedisAsyncCommands<String, String>>> redis;
    private final SetArgs setAlways;
    private final SetArgs setIfAbsent;

    private final Queue<String> backlog = new ConcurrentLinkedQueue<>();
    private final AtomicInteger backlogSize = new AtomicInteger();
    private volatile Queue<String> rewriteQueue = new ConcurrentLinkedQueue<>();

    private final AtomicInteger pendingWrites = new AtomicInteger();

    /** Set after a write has failed, so that the next writes do not fail as well, again and again. */
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

    /** Writes the latest ids again, because a Redis that has just been connected may have lost them. */
    void rewriteLatest() {
        Collection<String> latest = localOwners.latestIds(MAX_REWRITTEN);
        rewriteQueue = new ConcurrentLinkedQueue<>(latest);
        resume();
    }

    /** Resumes writing after a failure. */
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
        // An id that this instance has forgotten by now has no owner to write.
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

    /** Returns how many writes Redis has confirmed. */
    long writtenIds() {
        return writtenIds.sum();
    }

    /** Returns how many ids were dropped because the queue was full. */
    long droppedIds() {
        return droppedIds.sum();
    }
}
