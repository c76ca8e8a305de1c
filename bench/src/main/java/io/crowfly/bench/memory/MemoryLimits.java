package io.crowfly.bench.memory;

/** How little the balancer gets, and the bounds that its memory is held to. */
final class MemoryLimits {

    static final long MIB = 1024 * 1024;

    static final int HEAP_MIB = 64;
    static final int DIRECT_MIB = 128;

    /**
     * Of resident memory between its median and its most while large bodies pass. It is a hundredth of what passes: a body
     * that was gathered somewhere would go far beyond it, and so would a buffer lost now and then.
     */
    static final int FLAT_MIB = 20;

    /** Of resident memory beyond the most that the warm-up took, which did all of the same once: what is lost adds up. */
    static final int GROWTH_MIB = 24;

    /** Of bytes under way to a slow reader: the kernel's buffers of two connections, and what waits between them. */
    static final int AHEAD_MIB = 32;

    /** What a JVM needs beside heap and direct memory: classes, compiled code, the collector's and the threads' own. */
    static final int JVM_MIB = 192;

    /**
     * For the launcher. The whole heap is touched at the start, so that its growth does not look like a leak's. The detector
     * keeps stack traces of each buffer that is in use: with its usual number of them, those of some thousand small buffers
     * are all that fits into the heap.
     */
    static final String JAVA_OPTIONS =
            ("-Xms%1$dm -Xmx%1$dm -XX:+AlwaysPreTouch -XX:MaxDirectMemorySize=%2$dm -Dio.netty.leakDetection.level=paranoid"
                            + " -Dio.netty.leakDetection.targetRecords=1")
                    .formatted(HEAP_MIB, DIRECT_MIB);

    private MemoryLimits() {}
}
