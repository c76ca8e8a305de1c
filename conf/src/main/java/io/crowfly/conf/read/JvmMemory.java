package io.crowfly.conf.read;

/**
 * Memory of the JVM that is to run on a conf. What a conf allows to be kept must fit into this memory.
 *
 * @param heapBytes maximum size of the heap
 * @param directBytes maximum of the direct memory, from which the buffers of sockets come
 */
public record JvmMemory(long heapBytes, long directBytes) {

    /** More memory than any conf needs: nothing is checked, and no default depends on the memory. */
    public static final JvmMemory UNLIMITED = new JvmMemory(Long.MAX_VALUE, Long.MAX_VALUE);
}
