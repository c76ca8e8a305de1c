package io.crowfly.balancer.transport;

import io.netty.util.internal.PlatformDependent;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * Limits in the conf bound what is kept on purpose. They cannot bound everything: read buffers that are barely used,
 * outbound buffers of slow peers, and what the allocator loses to fragmentation. The count of the JVM includes all of
 * it. Near its maximum Crowfly takes no new work, as Envoy does at its overload thresholds. A failed allocation would
 * be worse: the JDK first collects garbage and sleeps for half a second, on the event loop.
 *
 * The count also includes memory that the allocator keeps for reuse, and Netty has no figure for that part. While
 * allocations are served from that part, the count does not grow. So memory is short only for some seconds after the
 * count has grown, and the allocator may keep only a fraction of a small memory.
 */

/**
 * Direct memory of the JVM, from which the buffers of all sockets come: how much is used, and whether the rest is too
 * small for new work. Any thread; each call reads a counter.
 */
public final class DirectMemory {

    private static final Logger LOG = LoggerFactory.getLogger(DirectMemory.class);

    /** Memory for the work in progress when a shortage begins: a few chunks of the allocator for each loop. */
    private static final long MAX_MARGIN_BYTES = 32 << 20;

    /** Margin of a small memory, as a divisor of the memory's size. */
    private static final int MARGIN_SHARE = 8;

    /**
     * How long memory is short after the count has grown: long enough to notice which peers do not read, {@code
     * Exchanges.SLOW_PEER_NANOS}.
     */
    private static final long SHORT_NANOS = TimeUnit.SECONDS.toNanos(6);

    /**
     * Shortest duration of a shortage. In that time every connection is checked and releases its unneeded buffers. If
     * the shortage ended after the first releases, the other connections would soon cause the next shortage.
     */
    private static final long MIN_SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /**
     * Smallest growth of the count that means a shortage: half of the smallest block that the allocator reserves.
     * Smaller growth has another source, such as a client of the JDK.
     */
    private static final long MIN_GROWTH_BYTES = 64 * 1024;

    /** The part of the memory that the allocator may keep for reuse by event loops, as a divisor. */
    private static final int CACHE_SHARE = 4;

    /** Number of buffer sizes for which Netty's allocator keeps memory for reuse, in each thread. */
    private static final int CACHES_PER_THREAD = 18;

    private static final String CACHE_PROPERTY = "io.netty.allocator.threadLocalChunkCacheMaxBytes";

    /** Netty's default of {@link #CACHE_PROPERTY}. */
    private static final long MAX_CACHE_BYTES = 8 << 20;

    /** Time between two log lines about failed allocations. */
    private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final LongSupplier used;
    private final long maxBytes;
    private final long shortAboveBytes;
    private final long enoughBelowBytes;
    private final LongAdder failures = new LongAdder();
    private final LongSupplier clock;

    /** The count since which growth is measured; 0 while memory is not short. */
    private volatile long level;

    private volatile long grownAtNanos;
    private final AtomicLong lastLogNanos = new AtomicLong(System.nanoTime() - LOG_INTERVAL_NANOS);

    /**
     * @param maxBytes the maximum
     * @param used supplies the bytes in use, and those that the allocator keeps for reuse
     * @param clock as {@link System#nanoTime}
     */
    public DirectMemory(long maxBytes, LongSupplier used, LongSupplier clock) {
        this.maxBytes = maxBytes;
        this.used = used;
        this.clock = clock;
        long margin = Math.min(MAX_MARGIN_BYTES, maxBytes / MARGIN_SHARE);
        shortAboveBytes = maxBytes - margin;
        // One more margin, so that a shortage lasts until enough has been freed, and does not begin anew at once.
        enoughBelowBytes = shortAboveBytes - margin;
    }

    /** Returns the memory of this JVM. Call before the first buffer is allocated. */
    public static DirectMemory ofJvm() {
        limitCaches();
        BufferPoolMXBean pool = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(bean -> bean.getName().equals("direct"))
                .findFirst()
                .orElseThrow();
        // Netty counts its own memory, or returns -1. The JDK counts the memory of its own buffers, which includes
        // Netty's unless Netty allocates without the JDK. Each of the two refuses an allocation by its own count.
        return new DirectMemory(
                maxBytesOfJvm(),
                () -> Math.max(pool.getMemoryUsed(), PlatformDependent.usedDirectMemory()),
                System::nanoTime);
    }

    /** Netty reads the property once, when its allocator is first used. */
    private static void limitCaches() {
        int threads = Runtime.getRuntime().availableProcessors() + 1;
        long bytes = maxBytesOfJvm() / CACHE_SHARE / CACHES_PER_THREAD / threads;
        if (bytes < MAX_CACHE_BYTES && System.getProperty(CACHE_PROPERTY) == null) {
            System.setProperty(CACHE_PROPERTY, String.valueOf(Math.max(1, bytes)));
        }
    }

    private static long maxBytesOfJvm() {
        return Math.min(PlatformDependent.maxDirectMemory(), PlatformDependent.estimateMaxDirectMemory());
    }

    public long maxBytes() {
        return maxBytes;
    }

    public long usedBytes() {
        return used.getAsLong();
    }

    /** Returns whether so much is in use that no new work may be accepted. */
    public boolean isShort() {
        long now = used.getAsLong();
        if (now > shortAboveBytes) {
            return hasGrown(now);
        } else if (level == 0) {
            return false;
        }
        long limit = now > enoughBelowBytes ? SHORT_NANOS : MIN_SHORT_NANOS;
        if (sinceGrowthNanos() >= limit) {
            level = 0;
        }
        return level != 0;
    }

    /**
     * Returns whether the count has grown within {@link #SHORT_NANOS}. A race between threads shifts that time
     * slightly.
     */
    private boolean hasGrown(long now) {
        long before = level;
        if (now > before + MIN_GROWTH_BYTES) {
            level = now;
            grownAtNanos = clock.getAsLong();
            return true;
        } else if (now < before) {
            level = now;
        }
        return sinceGrowthNanos() < SHORT_NANOS;
    }

    private long sinceGrowthNanos() {
        return clock.getAsLong() - grownAtNanos;
    }

    /** Returns how many read buffers could not be allocated. */
    public long failures() {
        return failures.sum();
    }

    /** Counts a failed allocation, and logs some of them. */
    void onFailure(OutOfMemoryError error) {
        failures.increment();
        long last = lastLogNanos.get();
        long now = System.nanoTime();
        if (now - last >= LOG_INTERVAL_NANOS && lastLogNanos.compareAndSet(last, now)) {
            LOG.error(
                    "no direct memory for a read: its connection is closed ({} since the start); {} of {} bytes are in use;"
                            + " raise -XX:MaxDirectMemorySize, or lower limits.held-total or limits.connections: {}",
                    failures.sum(),
                    usedBytes(),
                    maxBytes,
                    error.getMessage());
        }
    }
}
