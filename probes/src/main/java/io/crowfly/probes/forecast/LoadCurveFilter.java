package io.crowfly.probes.forecast;

import io.crowfly.probes.state.StateFields;

/**
 * Filter that learns the load curve of one backend: how the logarithm of latency grows with our requests in flight
 * there. The samples of all classes of requests change it. Confined to one thread.
 */
public final class LoadCurveFilter {

    /*
     * Log latency is a level plus the sum of c_k * h_k(n). The hinge h_k(n) = max(0, log2(n + 1) - k) grows from n = 3,
     * 7, 15, ... on, so the curve is linear in log2(n + 1) between those numbers. A power of the load is a straight
     * line on these scales, and a knee is one coefficient.
     *
     * Level and curve are learned together. A plain Kalman filter over all levels and coefficients would need the
     * covariance of each pair of levels, and rounding makes such a matrix invalid. Here each level is a linear function
     * of the coefficients plus independent noise (LevelFilter), because the levels are independent of each other once
     * the coefficients are known. So only the covariance of the coefficients is a matrix. A residual with a number in
     * flight that is new then changes the curve, and a residual with a usual number changes the level.
     *
     * The uncertainty of a coefficient at the start covers a factor of 1.3 per doubling of the load in both directions.
     * The coefficients hardly change with time: a backend's capacity changes seldom.
     *
     * Requests in flight beyond all that were ever answered are the reason for a second, simpler quantity: the largest
     * number in flight with ordinary responses. It grows by ordinary responses and shrinks by slow ones, both with more
     * requests in flight. Beyond it nothing is known, and a burst would be sent to one backend before its first
     * response arrives. LoadCurve therefore assumes there that requests queue.
     */

    /** Standard deviation of a coefficient before anything is learned. */
    private static final double INITIAL_DEVIATION = 0.4;

    /** Variance that a coefficient gains per second. */
    private static final double WALK = 1e-6;

    /** Minimum of {@link #proven}, and its value before anything is learned. */
    private static final double MIN_PROVEN = LoadCurve.MIN_KNOWN / LoadCurve.HEADROOM;

    /**
     * A response that takes less than this factor (natural logarithm) above the forecast for one request is ordinary.
     */
    private static final double ORDINARY_LOG_FACTOR = 0.7;

    /**
     * Weight of one ordinary response in {@link #proven}. Small, because responses show an overload about a second
     * late. With 0.1, this load doubled within a second, and edges that share backends near saturation overloaded all
     * of them (scenario saturation-4-edges).
     */
    private static final double PROVEN_WEIGHT = 0.05;

    /**
     * Share of {@link #proven} that one slow response or one overdue request takes away. Without it, the load would
     * still grow at twice the ordinary latency, because single responses vary so much that some are always ordinary.
     */
    private static final double DISPROVEN_SHARE = 0.03;

    /**
     * Time constant, in seconds, with which {@link #proven} decreases to its minimum without large numbers in flight.
     */
    private static final double PROVEN_MEMORY_SECONDS = 600;

    /** Relative change, of the factor at the largest known load or of that load, that does not matter. */
    private static final double NEGLIGIBLE = 0.01;

    private final double[] coefficients = new double[LoadCurve.HINGES];
    private final double[][] covariance = new double[LoadCurve.HINGES][LoadCurve.HINGES];
    private final double[] gain = new double[LoadCurve.HINGES];
    private final double[] hinges = new double[LoadCurve.HINGES];
    private double proven = MIN_PROVEN;
    private LoadCurve published = LoadCurve.INITIAL;
    private final double[] publishedCoefficients = new double[LoadCurve.HINGES];
    private boolean changed;
    private long atNanos = Long.MIN_VALUE;

    public LoadCurveFilter() {
        for (int k = 0; k < LoadCurve.HINGES; k++) {
            covariance[k][k] = INITIAL_DEVIATION * INITIAL_DEVIATION;
        }
    }

    /** Returns the expected value of a linear function of the coefficients. */
    double mean(double[] slopes) {
        double sum = 0;
        for (int k = 0; k < LoadCurve.HINGES; k++) {
            sum += slopes[k] * coefficients[k];
        }
        return sum;
    }

    /** Returns the variance of a linear function of the coefficients. */
    double variance(double[] slopes) {
        double sum = 0;
        for (int i = 0; i < LoadCurve.HINGES; i++) {
            for (int k = 0; k < LoadCurve.HINGES; k++) {
                sum += slopes[i] * covariance[i][k] * slopes[k];
            }
        }
        return Math.max(0, sum);
    }

    private void advance(double seconds) {
        for (int k = 0; k < LoadCurve.HINGES; k++) {
            covariance[k][k] = Math.min(INITIAL_DEVIATION * INITIAL_DEVIATION, covariance[k][k] + WALK * seconds);
        }
        proven = Math.max(MIN_PROVEN, proven * StrictMath.exp(-seconds / PROVEN_MEMORY_SECONDS));
    }

    /**
     * Learns from a sample of a linear function of the coefficients.
     *
     * @param slopes the linear function
     * @param residual the sample minus its expected value
     * @param variance variance of the residual, which includes the {@linkplain #variance variance} of the function
     */
    void learn(double[] slopes, double residual, double variance) {
        for (int i = 0; i < LoadCurve.HINGES; i++) {
            gain[i] = 0;
            for (int k = 0; k < LoadCurve.HINGES; k++) {
                gain[i] += covariance[i][k] * slopes[k];
            }
        }
        for (int i = 0; i < LoadCurve.HINGES; i++) {
            coefficients[i] += gain[i] * residual / variance;
            for (int k = 0; k < LoadCurve.HINGES; k++) {
                covariance[i][k] -= gain[i] * gain[k] / variance;
            }
        }
    }

    /**
     * Records how a latency compares with that of a single request, and advances the curve to the present time.
     *
     * @param inFlight our requests in flight when the request was sent, this request included
     * @param logFactor natural logarithm of the latency divided by the latency of a single request; infinite for a
     *     request that is overdue
     */
    void recordFactor(long inFlight, double logFactor, long nowNanos) {
        changed = true;
        if (nowNanos > atNanos) {
            advance(atNanos == Long.MIN_VALUE ? 0 : (nowNanos - atNanos) / 1e9);
            atNanos = nowNanos;
        }
        if (inFlight > proven && logFactor < ORDINARY_LOG_FACTOR) {
            proven += PROVEN_WEIGHT * (inFlight - proven);
        } else if (inFlight > proven) {
            proven = Math.max(MIN_PROVEN, (1 - DISPROVEN_SHARE) * proven);
        }
    }

    /** Returns the natural logarithm of the factor on service time for this number of our requests in flight. */
    double logFactor(double inFlight) {
        LoadCurve.setHinges(hinges, inFlight);
        return mean(hinges);
    }

    /** Returns the number of our requests in flight up to which the curve is known from responses. */
    public double knownInFlight() {
        return LoadCurve.HEADROOM * proven;
    }

    /** Returns the curve to publish, which is the same object as before if it would hardly differ. */
    public LoadCurve curve() {
        if (changed) {
            changed = false;
            if (differsFromPublished()) {
                published = LoadCurve.of(coefficients, knownInFlight());
                System.arraycopy(coefficients, 0, publishedCoefficients, 0, coefficients.length);
            }
        }
        return published;
    }

    private boolean differsFromPublished() {
        LoadCurve.setHinges(hinges, knownInFlight());
        double difference = Math.abs(knownInFlight() - published.knownInFlight()) / knownInFlight();
        for (int k = 0; k < LoadCurve.HINGES; k++) {
            difference += hinges[k] * Math.abs(coefficients[k] - publishedCoefficients[k]);
        }
        return difference > NEGLIGIBLE;
    }

    /** Transfers the state to another process or from one. */
    public void transfer(StateFields fields) {
        fields.numbers("coefficients", coefficients);
        for (int k = 0; k < LoadCurve.HINGES; k++) {
            fields.numbers("covariance" + k, covariance[k]);
        }
        proven = Math.max(MIN_PROVEN, fields.number("proven", proven));
        atNanos = fields.moment("at", atNanos);
        changed = true;
    }
}
