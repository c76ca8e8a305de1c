package io.crowfly.bench.policies.policy;

/** Set of the backends at which a simulated request has already failed. */
public final class TriedBackends {

    /** Maximum number of backends in a scenario, because the set is the bits of a long. */
    public static final int MAX_BACKENDS = Long.SIZE;

    private long bits;

    public boolean has(int backend) {
        return (bits & 1L << backend) != 0;
    }

    public void add(int backend) {
        bits |= 1L << backend;
    }

    public int count() {
        return Long.bitCount(bits);
    }
}
