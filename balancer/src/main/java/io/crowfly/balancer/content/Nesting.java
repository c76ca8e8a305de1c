package io.crowfly.balancer.content;

/** Which containers of a JSON document are open: two bits for each, whether it is an object, not an array, and whether it is marked. */
final class Nesting {

    private final long[] objects;
    private final long[] marks;
    private final int limit;
    private int depth;

    Nesting(int limit) {
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
        // A shift takes its distance modulo the size of a long.
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

    /** Marks the innermost open container, for as long as it is open. */
    void mark() {
        int innermost = depth - 1;
        marks[innermost / Long.SIZE] |= 1L << innermost;
    }

    /** Whether the innermost open container is marked; none is not. */
    boolean isMarked() {
        int innermost = depth - 1;
        return innermost >= 0 && (marks[innermost / Long.SIZE] >>> innermost & 1) != 0;
    }

    /** Whether the innermost open container is an object. */
    boolean inObject() {
        int innermost = depth - 1;
        return (objects[innermost / Long.SIZE] >>> innermost & 1) != 0;
    }
}
