package io.crowfly.bench.bodies;

/**
 * How much memory the balancer gets, all in MiB.
 *
 * @param heldSize of a body that may be held
 * @param heldTotal of all bodies that are held at once
 */
record Room(int heldSize, int heldTotal) {

    static final long MIB = 1024 * 1024;

    /** Beyond a body of the run: what is held may be as long as it likes below that. */
    private static final int SPARE = 10;

    /**
     * Direct memory beside what is held: a read buffer and what waits to be written for each of some hundred connections, at 64 KiB
     * each a dozen MiB; and what an allocator that hands out parts of larger pieces can't hand out.
     */
    static final int BESIDE = 64;

    /** All that is held is in pieces, and each piece is an object. */
    private static final int HEAP = 256;

    /** For bodies of so many MiB. */
    static Room of(int mib, int heldTotal) {
        return new Room(mib + SPARE, heldTotal);
    }

    int direct() {
        return heldTotal + BESIDE;
    }

    /** For the launcher. The whole heap is touched at the start, so that its growth does not look like that of what is held. */
    String javaOptions() {
        return "-Xms%1$dm -Xmx%1$dm -XX:+AlwaysPreTouch -XX:MaxDirectMemorySize=%2$dm".formatted(HEAP, direct());
    }

    /** Whether a JVM that describes its flags like this was started so. */
    boolean isSetBy(String flags) {
        return flags.contains("MaxHeapSize=" + HEAP * MIB) && flags.contains("MaxDirectMemorySize=" + direct() * MIB);
    }
}
