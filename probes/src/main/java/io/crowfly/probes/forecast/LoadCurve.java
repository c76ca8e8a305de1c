package io.crowfly.probes.forecast;

import java.util.Arrays;

/**
 * Load curve of one backend: the factor by which service time grows with our requests in flight there. An immutable
 * value. Its evaluation is plain arithmetic on a table, because routing evaluates curves for each request.
 */
public final class LoadCurve {

    /*
     * The table has four nodes for each doubling of n + 1, evenly spaced. Exponent and first two bits of the mantissa
     * of a double are therefore the index of the node, and the other bits are the position between two nodes.
     */

    /** Number of hinges of the curve, the {@linkplain #FIRST_HINGE first} at three requests in flight. */
    static final int HINGES = 6;

    /** Binary logarithm of n + 1 at the first hinge. Up to this number in flight, the curve is flat. */
    private static final int FIRST_HINGE = 2;

    /** Binary logarithm of n + 1 at the last node. Above it the service time grows in proportion to n + 1. */
    private static final int LAST_DOUBLING = 13;

    private static final int NODES_PER_DOUBLING = 4;
    private static final int NODES = NODES_PER_DOUBLING * (LAST_DOUBLING - FIRST_HINGE) + 1;

    private static final double LAST_LOAD = 1 << LAST_DOUBLING;

    /** Bits of a mantissa after those that select the node. */
    private static final int POSITION_BITS = 50;

    private static final double POSITION_UNIT = 1.0 / (1L << POSITION_BITS);
    private static final int FIRST_INDEX = 1023 + FIRST_HINGE << 2;

    /** Binary logarithm of n + 1 at each node, minus that of the first node. */
    private static final double[] DOUBLINGS = new double[NODES];

    private static final double LN_2 = StrictMath.log(2);

    /** Limit of the natural logarithm of a factor, so that extreme figures cannot overflow. */
    private static final double MAX_LOG_FACTOR = 20;

    /**
     * The curve is known up to this multiple of the largest number in flight with ordinary responses. With random
     * arrivals alone, the number in flight often exceeds its mean by nearly half.
     */
    static final double HEADROOM = 1.5;

    /**
     * Minimum of the number in flight up to which the curve is known, and its value before anything is learned. A
     * backend with less capacity would be too small for a balancer.
     */
    static final double MIN_KNOWN = 4;

    static {
        for (int node = 0; node < NODES; node++) {
            double within = 1 + node % NODES_PER_DOUBLING / (double) NODES_PER_DOUBLING;
            DOUBLINGS[node] = node / NODES_PER_DOUBLING + StrictMath.log(within) / LN_2;
        }
    }

    /** Curve of a backend whose latency does not depend on load. */
    public static final LoadCurve FLAT = flatUpTo(Double.POSITIVE_INFINITY);

    /** Curve before the first response. */
    static final LoadCurve INITIAL = flatUpTo(MIN_KNOWN);

    /** Number of small numbers in flight, from 0, whose factors are in a table of their own. */
    private static final int SMALL = 16;

    private final double[] factors;
    private final double knownInFlight;

    /** Factors for small whole numbers in flight, which are the most frequent arguments. */
    private final double[] small = new double[SMALL];

    private LoadCurve(double[] factors, double knownInFlight) {
        this.factors = factors;
        this.knownInFlight = knownInFlight;
        for (int inFlight = 0; inFlight < SMALL; inFlight++) {
            small[inFlight] = factor((double) inFlight);
        }
    }

    /** Returns the curve of a backend of which nothing is known but that this load does not slow it. */
    public static LoadCurve flatUpTo(double knownInFlight) {
        double[] factors = new double[NODES];
        Arrays.fill(factors, 1);
        return new LoadCurve(factors, knownInFlight);
    }

    /**
     * Returns a curve.
     *
     * @param coefficients how much the slope of the logarithm changes at each hinge
     * @param knownInFlight number of our requests in flight up to which responses were ordinary lately
     */
    static LoadCurve of(double[] coefficients, double knownInFlight) {
        double[] factors = new double[NODES];
        for (int node = 0; node < NODES; node++) {
            double log = 0;
            for (int k = 0; k < HINGES && DOUBLINGS[node] > k; k++) {
                log += coefficients[k] * (DOUBLINGS[node] - k);
            }
            factors[node] = StrictMath.exp(Math.max(-MAX_LOG_FACTOR, Math.min(MAX_LOG_FACTOR, log)));
        }
        return new LoadCurve(factors, knownInFlight);
    }

    /**
     * Sets the value of each hinge function for a number of requests in flight: the doublings of n + 1 since the hinge,
     * or 0 below the hinge.
     */
    static void setHinges(double[] hinges, double inFlight) {
        double doublings = StrictMath.log(Math.max(0, inFlight) + 1) / LN_2 - FIRST_HINGE;
        for (int k = 0; k < HINGES; k++) {
            hinges[k] = Math.max(0, doublings - k);
        }
    }

    /**
     * Returns the factor on service time for this number of our requests in flight, the new request included. Beyond
     * the known numbers requests are assumed to queue, so that service time also grows in proportion to their number.
     */
    public double factor(double inFlight) {
        double learned = learnedFactor(inFlight + 1);
        return inFlight <= knownInFlight ? learned : learned * inFlight / knownInFlight;
    }

    /** Does the same as {@link #factor(double)} for a whole number, faster for a small one. */
    public double factor(long inFlight) {
        return inFlight >= 0 && inFlight < SMALL ? small[(int) inFlight] : factor((double) inFlight);
    }

    /**
     * Returns whether the factor of another curve differs by more than this share, at the numbers in flight known here.
     */
    public boolean differsFrom(LoadCurve other, double share) {
        return other != this
                && (differs(other, knownInFlight, share)
                        || differs(other, knownInFlight / 2, share)
                        || differs(other, 2 * knownInFlight, share));
    }

    private boolean differs(LoadCurve other, double inFlight, double share) {
        double factor = factor(inFlight);
        return Math.abs(factor - other.factor(inFlight)) > share * factor;
    }

    private double learnedFactor(double load) {
        if (load >= LAST_LOAD) {
            return factors[NODES - 1] * load / LAST_LOAD;
        }
        long bits = Double.doubleToRawLongBits(load);
        int index = (int) (bits >>> POSITION_BITS) - FIRST_INDEX;
        if (index < 0) {
            return 1;
        }
        double position = (bits & (1L << POSITION_BITS) - 1) * POSITION_UNIT;
        return factors[index] + position * (factors[index + 1] - factors[index]);
    }

    /** Returns the number of requests in flight up to which responses were ordinary lately. */
    public double knownInFlight() {
        return knownInFlight;
    }
}
