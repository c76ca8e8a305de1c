package io.crowfly.bench.bodies;

/**
 * Memory limits of the balancer in {@code bench bodies}, for the conf and for the JVM.
 *
 * @param heldSizeMib limit of one held body
 * @param heldTotalMib limit of all held bodies together
 */
record MemoryBudget(int heldSizeMib, int heldTotalMib) {

    static final long MIB = 1024 * 1024;

    /** MiB by which the limit of one held body exceeds the size of a body. */
    private static final int SPARE_MIB = 10;

    /**
     * Direct memory in addition to held bodies, in MiB: read and write buffers of some hundred connections (64 KiB
     * each, about 12 MiB in all), and fragmentation in the allocator's arenas.
     */
    static final int BUFFERS_MIB = 64;

    /** Heap in MiB. A held body is a list of buffers, and each buffer needs an object on the heap. */
    private static final int HEAP_MIB = 256;

    /** Returns the budget for bodies of this size. */
    static MemoryBudget forBody(int bodyMib, int heldTotalMib) {
        return new MemoryBudget(bodyMib + SPARE_MIB, heldTotalMib);
    }

    int directMib() {
        return heldTotalMib + BUFFERS_MIB;
    }

    /**
     * Returns the JVM options for the launcher. The JVM touches the whole heap at the start, so that heap growth is not
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
