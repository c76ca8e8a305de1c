package io.crowfly.bench.policies.policy;

/** The set of backends at which a request has already failed. */
public final class TriedBackends {

    /** The bits of a long; a scenario may not have more backends. */
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
