package io.crowfly.bench.memory;

/** The small memory of the balancer, and the bounds that the run checks. */
final class MemoryLimits {

    static final long MIB = 1024 * 1024;

    static final int HEAP_MIB = 64;
    static final int DIRECT_MIB = 128;

    /**
     * Bound of the maximum above the median of resident memory while large bodies pass. It is a hundredth of the
     * bodies: a body that was buffered somewhere would exceed it by far, and so would a buffer leaked now and then.
     */
    static final int FLAT_MIB = 20;

    /** Bound of resident memory above the maximum of the warm-up, which did all of the same once; leaks add up. */
    static final int GROWTH_MIB = 24;

    /**
     * Bound of the bytes in transit to a slow reader: the kernel's buffers of two connections, and the buffers in
     * between.
     */
    static final int AHEAD_MIB = 32;

    /** Memory of a JVM in addition to heap and direct memory: classes, compiled code, collector and threads. */
    static final int JVM_MIB = 192;

    /**
     * JVM options for the launcher. The whole heap is touched at the start, so that its growth is not mistaken for a
     * leak. The leak detector keeps stack traces of each buffer in use; with the default number of traces, some
     * thousand small buffers would fill the heap.
     */
    static final String JAVA_OPTIONS =
            ("-Xms%1$dm -Xmx%1$dm -XX:+AlwaysPreTouch -XX:MaxDirectMemorySize=%2$dm -Dio.netty.leakDetection.level=paranoid"
                            + " -Dio.netty.leakDetection.targetRecords=1")
                    .formatted(HEAP_MIB, DIRECT_MIB);

    private MemoryLimits() {}
}
