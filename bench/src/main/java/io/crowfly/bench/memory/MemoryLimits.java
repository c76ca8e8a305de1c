package io.crowfly.bench.memory;

/** Memory of the balancer in {@code bench memory}, and the bounds that the run checks. */
final class MemoryLimits {

    static final long MIB = 1024 * 1024;

    static final int HEAP_MIB = 64;
    static final int DIRECT_MIB = 128;

    /**
     * Bound of the difference between maximum and median of resident memory while large bodies pass, in MiB. It is a
     * hundredth of the body size. A completely buffered body exceeds it by far, and so do repeatedly leaked buffers.
     */
    static final int FLAT_MIB = 20;

    /**
     * Bound of resident memory above the maximum during the warm-up, in MiB. The warm-up does the same work once, so
     * more growth is a leak.
     */
    static final int GROWTH_MIB = 24;

    /**
     * Bound of the bytes in transit to a slow reader, in MiB: the kernel's buffers of both connections, and the
     * balancer's buffers.
     */
    static final int AHEAD_MIB = 32;

    /** Memory of a JVM in addition to heap and direct memory, in MiB: classes, compiled code, collector and threads. */
    static final int JVM_MIB = 192;

    /**
     * JVM options of the balancer. The JVM touches the whole heap at the start, so that heap growth is not mistaken for
     * a leak. Netty's leak detector keeps one stack trace per buffer in use, because its default number of traces would
     * fill the heap at some thousand small buffers.
     */
    static final String JAVA_OPTIONS =
            ("-Xms%1$dm -Xmx%1$dm -XX:+AlwaysPreTouch -XX:MaxDirectMemorySize=%2$dm -Dio.netty.leakDetection.level=paranoid"
                            + " -Dio.netty.leakDetection.targetRecords=1")
                    .formatted(HEAP_MIB, DIRECT_MIB);

    private MemoryLimits() {}
}
