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
 * A Redis that restarts may have lost everything, or the last seconds, or nothing: which of them is its operator's choice and
 * can't be told from here. So whoever finds it back says again what it saw last, where Redis has not heard it: SET with NX,
 * which changes nothing in a Redis that has kept its memory, and can't undo what another instance has learned since.
 *
 * Only ids wait here. What backend one belongs to is looked up when its turn comes, so that what was learned last is what is
 * written last.
 */

/** Tells Redis what this instance has learned, as fast as Redis takes it and no faster. Safe for several threads. */
final class WriteBehind {

    /**
     * Writes whose answers are awaited. It is what paces us: whoever asks Redis meanwhile waits behind so many of each
     * instance, a microsecond or two each.
     */
    private static final int WINDOW = 64;

    /** What is learned while Redis is away, in ids; some 100 bytes each. */
    static final int MAX_BACKLOG = 10_000;

    /** What is said again, in ids: about a second of one processor here, and of Redis. */
    private static final int MAX_REPEATED = 100_000;

    private final LocalHomes local;
    private final Supplier<Optional<RedisAsyncCommands<String, String>>> redis;
    private final SetArgs overwrite;
    private final SetArgs keep;

    private final Queue<String> backlog = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile Queue<String> repeated = new ConcurrentLinkedQueue<>();

    private final AtomicInteger unanswered = new AtomicInteger();

    /** After a write has failed, so that the next ones don't fail as well, over and over. */
    private volatile boolean halted;

    private final LongAdder written = new LongAdder();
    private final LongAdder lost = new LongAdder();

    WriteBehind(LocalHomes local, Supplier<Optional<RedisAsyncCommands<String, String>>> redis, Duration ttl) {
        this.local = local;
        this.redis = redis;
        long seconds = Math.max(1, ttl.toSeconds());
        overwrite = SetArgs.Builder.ex(seconds);
        keep = SetArgs.Builder.ex(seconds).nx();
    }

    /** An id that was learned just now. Never blocks; with too many of them before it the oldest is given up. */
    void add(String id) {
        enqueue(id);
        write();
    }

    private void enqueue(String id) {
        backlog.add(id);
        if (waiting.incrementAndGet() > MAX_BACKLOG && poll() != null) {
            lost.increment();
        }
    }

    private @Nullable String poll() {
        String id = backlog.poll();
        if (id != null) {
            waiting.decrementAndGet();
        }
        return id;
    }

    /** Redis is back, and may know nothing. */
    void repeat() {
        Collection<String> latest = local.latest(MAX_REPEATED);
        repeated = new ConcurrentLinkedQueue<>(latest);
        resume();
    }

    /** Tries again after a failure. */
    void resume() {
        halted = false;
        write();
    }

    private void write() {
        Optional<RedisAsyncCommands<String, String>> now = redis.get();
        while (now.isPresent() && !halted) {
            if (unanswered.incrementAndGet() > WINDOW || !writeNext(now.get())) {
                unanswered.decrementAndGet();
                return;
            }
        }
    }

    private boolean writeNext(RedisAsyncCommands<String, String> to) {
        String learned = poll();
        String id = learned == null ? repeated.poll() : learned;
        if (id == null) {
            return false;
        }
        // Where it is forgotten by now there is nothing to say of it.
        String backend = local.peek(id).orElse(null);
        if (backend == null) {
            unanswered.decrementAndGet();
            return true;
        }
        to.set(SharedHomes.key(id), backend, learned == null ? keep : overwrite).whenComplete((ok, failure) -> {
            unanswered.decrementAndGet();
            if (failure == null) {
                written.increment();
                write();
            } else {
                halted = true;
                if (learned != null) {
                    enqueue(learned);
                }
            }
        });
        return true;
    }

    /** How many writes Redis has confirmed. */
    long written() {
        return written.sum();
    }

    /** How many ids were given up, for want of room, before Redis could be told of them. */
    long lost() {
        return lost.sum();
    }
}
