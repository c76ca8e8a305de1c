package io.crowfly.bench.bodies;

/**
 * How much memory the balancer gets, all in MiB.
 *
 * @param heldSizeMib of a body that may be held
 * @param heldTotalMib of all bodies that are held at once
 */
record MemoryBudget(int heldSizeMib, int heldTotalMib) {

    static final long MIB = 1024 * 1024;

    /** Beyond a body of the run: what is held may be as long as it likes below that. */
    private static final int SPARE_MIB = 10;

    /**
     * Direct memory beside what is held: a read buffer and what waits to be written for each of some hundred connections, at 64 KiB
     * each a dozen MiB; and what an allocator that hands out parts of larger pieces can't hand out.
     */
    static final int BUFFERS_MIB = 64;

    /** All that is held is in pieces, and each piece is an object. */
    private static final int HEAP_MIB = 256;

    /** For bodies of so many MiB. */
    static MemoryBudget forBody(int bodyMib, int heldTotalMib) {
        return new MemoryBudget(bodyMib + SPARE_MIB, heldTotalMib);
    }

    int directMib() {
        return heldTotalMib + BUFFERS_MIB;
    }

    /** For the launcher. The whole heap is touched at the start, so that its growth does not look like that of what is held. */
    String javaOptions() {
        return "-Xms%1$dm -Xmx%1$dm -XX:+AlwaysPreTouch -XX:MaxDirectMemorySize=%2$dm".formatted(HEAP_MIB, directMib());
    }

    /** Whether a JVM that describes its flags like this was started so. */
    boolean isAppliedIn(String flags) {
        return flags.contains("MaxHeapSize=" + HEAP_MIB * MIB)
                && flags.contains("MaxDirectMemorySize=" + directMib() * MIB);
    }
}
