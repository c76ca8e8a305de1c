package io.crowfly.balancer.content;

/** Which containers of a JSON document are open: one bit for each, set for an object, clear for an array. */
final class Nesting {

    private final long[] objects;
    private final int limit;
    private int depth;

    Nesting(int limit) {
        this.limit = limit;
        this.objects = new long[(limit + Long.SIZE - 1) / Long.SIZE];
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
        depth++;
    }

    void close() {
        depth--;
    }

    /** Whether the innermost open container is an object. */
    boolean inObject() {
        int innermost = depth - 1;
        return (objects[innermost / Long.SIZE] >>> innermost & 1) != 0;
    }
}
