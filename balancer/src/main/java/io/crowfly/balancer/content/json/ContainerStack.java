package io.crowfly.balancer.content.json;

/**
 * Stack of the objects and arrays that are open at a point of a JSON document. Each has two bits: whether it is an
 * object or an array, and whether the caller has marked it.
 */
final class ContainerStack {

    private final long[] objects;
    private final long[] marks;
    private final int limit;
    private int depth;

    ContainerStack(int limit) {
        this.limit = limit;
        this.objects = new long[(limit + Long.SIZE - 1) / Long.SIZE];
        this.marks = new long[objects.length];
    }

    void clear() {
        depth = 0;
    }

    int depth() {
        return depth;
    }

    boolean isFull() {
        return depth == limit;
    }

    void open(boolean object) {
        // The shift uses only the low six bits of its distance, so `depth` may exceed 63.
        long bit = 1L << depth;
        if (object) {
            objects[depth / Long.SIZE] |= bit;
        } else {
            objects[depth / Long.SIZE] &= ~bit;
        }
        marks[depth / Long.SIZE] &= ~bit;
        depth++;
    }

    void close() {
        depth--;
    }

    /** Marks the innermost open container. The mark is removed when the container closes. */
    void markInnermost() {
        int innermost = depth - 1;
        marks[innermost / Long.SIZE] |= 1L << innermost;
    }

    /** Returns whether the innermost open container is marked; false if none is open. */
    boolean innermostIsMarked() {
        int innermost = depth - 1;
        return innermost >= 0 && (marks[innermost / Long.SIZE] >>> innermost & 1) != 0;
    }

    /** Returns whether the innermost open container is an object. */
    boolean innermostIsObject() {
        int innermost = depth - 1;
        return (objects[innermost / Long.SIZE] >>> innermost & 1) != 0;
    }
}
