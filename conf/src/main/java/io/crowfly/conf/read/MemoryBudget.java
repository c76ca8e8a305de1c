package io.crowfly.conf.read;

import io.crowfly.conf.Limits;
import io.crowfly.conf.read.field.SectionFields;
import io.crowfly.conf.value.Quantity;

/*
 * The direct memory of the JVM has two uses: bodies that are held (`held-total`), and data that passes through. What
 * passes through is reads, incomplete lines, held responses and outbound buffers. Its maximum, a MiB for each of
 * thousands of connections, fits into no JVM, and its normal size is a hundredth of that. So it gets a fixed part, and
 * while the whole is nearly used up, new requests are refused (transport.DirectMemory).
 *
 * The heap keeps what a connection needs for its state and its head. Long heads are counted (listener.RequestDecoder).
 */

/** Division of the JVM's memory among what a conf allows to be kept: defaults and checks for {@code limits}. */
record MemoryBudget(JvmMemory jvm) {

    private static final long MIB = 1 << 20;

    /** Thousands of connections that move data at their full speed. */
    private static final long MAX_PASSING_BYTES = 64 * MIB;

    private static final long MAX_DEFAULT_HELD_TOTAL = 256 * MIB;
    private static final long MAX_DEFAULT_HELD_SIZE = 64 * MIB;
    private static final int MAX_DEFAULT_CONNECTIONS = 20_000;

    /**
     * Heap for one connection with a request in progress: codecs 2 KiB, a head of up to 4 KiB with up to 200 headers,
     * and the exchange.
     */
    private static final long CONNECTION_HEAP_BYTES = 16 * 1024;

    /** The part of the heap that connections may need, as a divisor. The rest is for garbage and everything else. */
    private static final int HEAP_SHARE = 2;

    long defaultHeldTotal() {
        return Math.min(MAX_DEFAULT_HELD_TOTAL, wholeMib(jvm.directBytes() / 2));
    }

    long defaultHeldSize() {
        return Math.min(MAX_DEFAULT_HELD_SIZE, wholeMib(defaultHeldTotal() / 2));
    }

    int defaultConnections() {
        return (int) Math.min(MAX_DEFAULT_CONNECTIONS, maxConnections());
    }

    private long maxConnections() {
        return jvm.heapBytes() / HEAP_SHARE / CONNECTION_HEAP_BYTES;
    }

    private long passingBytes() {
        return Math.min(MAX_PASSING_BYTES, jvm.directBytes() / 4);
    }

    private long maxHeldTotal() {
        return jvm.directBytes() - passingBytes();
    }

    /** Reports limits that do not fit into the memory of the JVM. Defaults always fit. */
    void check(Limits limits, SectionFields fields) {
        if (limits.heldTotal() > maxHeldTotal()) {
            fields.find("held-total")
                    .ifPresent(field -> field.problem(
                            "`held-total`, " + Quantity.size(limits.heldTotal())
                                    + ", does not fit into the direct memory of the JVM, "
                                    + Quantity.roundedSize(jvm.directBytes()) + ", of which "
                                    + Quantity.roundedSize(passingBytes()) + " are for data that passes through",
                            "write `held-total: " + Quantity.size(wholeMib(maxHeldTotal()))
                                    + "` or less, or start the JVM with `-XX:MaxDirectMemorySize="
                                    + directMibFor(limits.heldTotal()) + "m` or more"));
        }
        if (limits.connections() > maxConnections()) {
            fields.find("connections")
                    .ifPresent(field -> field.problem(
                            "`connections`, " + limits.connections() + " at " + Quantity.size(CONNECTION_HEAP_BYTES)
                                    + " each, do not fit into half of the heap of the JVM, "
                                    + Quantity.roundedSize(jvm.heapBytes()),
                            "write `connections: " + maxConnections() + "` or less, or start the JVM with `-Xmx"
                                    + heapMibFor(limits.connections()) + "m` or more"));
        }
    }

    private static long directMibFor(long heldTotal) {
        long passing = Math.min(MAX_PASSING_BYTES, (heldTotal + 2) / 3);
        return (heldTotal + passing + MIB - 1) / MIB;
    }

    private static long heapMibFor(long connections) {
        return (connections * CONNECTION_HEAP_BYTES * HEAP_SHARE + MIB - 1) / MIB;
    }

    /** Conf files show sizes, so they should be readable. */
    private static long wholeMib(long bytes) {
        return bytes < MIB ? bytes : bytes / MIB * MIB;
    }
}
