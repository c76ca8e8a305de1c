package io.crowfly.probes.forecast;

/**
 * Predicted distribution of the time to the first token for one class of requests at one backend: a fixed network part
 * plus a log-normal service time. Measured first-token times have this shape, because queues, long prompts and cold
 * caches each multiply the time. An immutable value; its methods allocate nothing.
 *
 * @param networkNanos the part that does not depend on the model
 * @param logService natural logarithm of the median service time in nanoseconds
 * @param spread standard deviation of the logarithm of single service times around their median
 * @param uncertainty standard deviation of the estimate {@code logService}: large if samples are few or old
 * @param tokenNanos time between tokens; {@link ProbeTimes#ABSENT} if unknown
 */
public record Prediction(
        Basis basis, long networkNanos, double logService, double spread, double uncertainty, long tokenNanos) {

    /** Data on which a prediction is based, the most reliable first. */
    public enum Basis {
        /** Live requests of this class at this backend. */
        LIVE,
        /** Probes of this backend, and live requests of this class at other backends. */
        PROBES,
        /**
         * Probes for the network part, and a constant for the service time, because no backend has had a request of
         * this class.
         */
        GUESS,
        NOTHING
    }

    public static final Prediction UNKNOWN = new Prediction(Basis.NOTHING, 0, 0, 0, 0, ProbeTimes.ABSENT);

    /** Quantile of the standard normal distribution, in standard deviations: 95 % of the values are below. */
    public static final double P95 = 1.645;

    /** Quantile of the standard normal distribution, in standard deviations: 99.9 % of the values are below. */
    public static final double P999 = 3.09;

    /** Maximum of a predicted time: one day, so that extreme figures cannot overflow. */
    private static final double MAX_NANOS = 86_400e9;

    Prediction atSize(double sizeEffect) {
        return new Prediction(basis, networkNanos, logService + sizeEffect, spread, uncertainty, tokenNanos);
    }

    /** Returns the prediction for a service time that is longer by this factor. */
    Prediction times(double factor) {
        return factor == 1 ? this : atSize(StrictMath.log(factor));
    }

    Prediction withUncertainty(double otherUncertainty) {
        return new Prediction(basis, networkNanos, logService, spread, otherUncertainty, tokenNanos);
    }

    public boolean known() {
        return basis != Basis.NOTHING;
    }

    /** Returns the median time to the first token; {@link ProbeTimes#ABSENT} if nothing is known. */
    public long medianNanos() {
        return known() ? networkNanos + serviceNanos(logService) : ProbeTimes.ABSENT;
    }

    /**
     * Returns the mean time to the first token; {@link ProbeTimes#ABSENT} if nothing is known. A log-normal mean is
     * above the median.
     */
    public long meanNanos() {
        return known() ? networkNanos + serviceNanos(logService + spread * spread / 2) : ProbeTimes.ABSENT;
    }

    /**
     * Returns a quantile of the time to the first token of single requests, including the uncertainty of the estimate.
     * The prediction must be known.
     *
     * @param deviations the quantile in standard deviations, such as {@link #P95}
     */
    public long quantileNanos(double deviations) {
        return quantileNanos(deviations, uncertainty);
    }

    /**
     * Returns a quantile of the time to the first token of single requests, for another uncertainty of the estimate.
     * The prediction must be known.
     */
    public long quantileNanos(double deviations, double otherUncertainty) {
        double deviation = StrictMath.sqrt(spread * spread + otherUncertainty * otherUncertainty);
        return networkNanos + serviceNanos(logService + deviations * deviation);
    }

    /**
     * Returns the time without a first token after which a request counts as overdue. In ordinary times one request in
     * twenty becomes overdue.
     */
    public long overdueNanos() {
        return networkNanos + serviceNanos(logService + P95 * spread);
    }

    /** Returns the service time for a logarithm, at least 1 ns and at most a day. */
    static long serviceNanos(double logService) {
        return (long) StrictMath.max(1, StrictMath.min(MAX_NANOS, StrictMath.exp(logService)));
    }
}
