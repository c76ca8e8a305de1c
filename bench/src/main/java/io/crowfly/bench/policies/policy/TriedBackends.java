package io.crowfly.bench.policies.policy;

/**
 * Set of the backends that a simulated request may not use: those at which the request has already failed, and those
 * that are not in the conf.
 */
public final class TriedBackends {

    /** Maximum number of backends in a scenario, because the set is the bits of a long. */
    public static final int MAX_BACKENDS = Long.SIZE;

    private final long absent;
    private long bits;

    public TriedBackends() {
        this(0);
    }

    /** @param absent bits of the backends that are not in the conf */
    public TriedBackends(long absent) {
        this.absent = absent;
    }

    /** Returns whether the request may not use this backend. */
    public boolean has(int backend) {
        return ((bits | absent) & 1L << backend) != 0;
    }

    public void add(int backend) {
        bits |= 1L << backend;
    }

    /** Returns the number of backends at which the request has failed. */
    public int count() {
        return Long.bitCount(bits);
    }
}
