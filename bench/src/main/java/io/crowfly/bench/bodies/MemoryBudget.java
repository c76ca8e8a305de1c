package io.crowfly.bench.bodies;

/**
 * The memory of the balancer, all in MiB.
 *
 * @param heldSizeMib limit of one held body
 * @param heldTotalMib limit of all held bodies together
 */
record MemoryBudget(int heldSizeMib, int heldTotalMib) {

    static final long MIB = 1024 * 1024;

    /** Margin above the size of a body. */
    private static final int SPARE_MIB = 10;

    /**
     * Direct memory in addition to held bodies. It covers read and write buffers of some hundred connections, at 64 KiB
     * each a dozen MiB, and fragmentation in the allocator's arenas.
     */
    static final int BUFFERS_MIB = 64;

    /** Held bodies consist of pieces, and each piece needs an object on the heap. */
    private static final int HEAP_MIB = 256;

    /** Returns the budget for bodies of this size. */
    static MemoryBudget forBody(int bodyMib, int heldTotalMib) {
        return new MemoryBudget(bodyMib + SPARE_MIB, heldTotalMib);
    }

    int directMib() {
        return heldTotalMib + BUFFERS_MIB;
    }

    /**
     * Returns the JVM options for the launcher. The whole heap is touched at the start, so that its growth is not
     * mistaken for held bodies.
     */
    String javaOptions() {
        return "-Xms%1$dm -Xmx%1$dm -XX:+AlwaysPreTouch -XX:MaxDirectMemorySize=%2$dm".formatted(HEAP_MIB, directMib());
    }

    /** Returns whether these JVM flags have the limits of this budget. */
    boolean isAppliedIn(String flags) {
        return flags.contains("MaxHeapSize=" + HEAP_MIB * MIB)
                && flags.contains("MaxDirectMemorySize=" + directMib() * MIB);
    }
}
