package io.crowfly.probes.forecast;

/**
 * Predicted distribution of the time to the first token: a fixed network part plus a log-normal service time. Measured
 * first-token times have this shape, because queues, long prompts and cold caches each multiply the time. An immutable
 * value; its methods allocate nothing.
 *
 * @param networkNanos the part that does not depend on the model
 * @param logService natural logarithm of the median service time in nanoseconds
 * @param spread standard deviation of the logarithm of single service times around their median
 * @param uncertainty standard deviation of the estimate {@code logService}: few or old samples make it large
 * @param tokenNanos time between tokens; {@link ProbeTimes#ABSENT} if unknown
 */
public record Prediction(
        Basis basis, long networkNanos, double logService, double spread, double uncertainty, long tokenNanos) {

    /** Source of a prediction, the best first. */
    public enum Basis {
        /** Live requests of this class at this backend. */
        LIVE,
        /** Probes of this backend, and live requests of this class at other backends. */
        PROBES,
        /** Probes for the network part, a constant for the service time: no backend has had a request of this class. */
        GUESS,
        NOTHING
    }

    public static final Prediction UNKNOWN = new Prediction(Basis.NOTHING, 0, 0, 0, 0, ProbeTimes.ABSENT);

    /** Quantile of the standard normal distribution: 95 % of the values lie below. */
    public static final double P95 = 1.645;

    /** 99.9 % of the values lie below. */
    public static final double P999 = 3.09;

    /** Upper bound of one day, so that extreme figures cannot overflow. */
    private static final double MAX_NANOS = 86_400e9;

    Prediction atSize(double sizeEffect) {
        return new Prediction(basis, networkNanos, logService + sizeEffect, spread, uncertainty, tokenNanos);
    }

    public boolean known() {
        return basis != Basis.NOTHING;
    }

    /** Returns the median, or {@link ProbeTimes#ABSENT} if nothing is known. */
    public long medianNanos() {
        return known() ? networkNanos + serviceNanos(logService) : ProbeTimes.ABSENT;
    }

    /** Returns the mean, which is above the median by the spread; {@link ProbeTimes#ABSENT} if nothing is known. */
    public long meanNanos() {
        return known() ? networkNanos + serviceNanos(logService + spread * spread / 2) : ProbeTimes.ABSENT;
    }

    /**
     * Returns a quantile of single requests, with the estimate's own uncertainty included. The prediction must be
     * known.
     *
     * @param deviations in standard deviations, such as {@link #P95}
     */
    public long quantileNanos(double deviations) {
        double deviation = StrictMath.sqrt(spread * spread + uncertainty * uncertainty);
        return networkNanos + serviceNanos(logService + deviations * deviation);
    }

    /** Returns the time after which a request counts as overdue. In ordinary times one request in twenty does. */
    public long overdueNanos() {
        return networkNanos + serviceNanos(logService + P95 * spread);
    }

    /** Returns the time for a logarithm, between 1 ns and a day. */
    static long serviceNanos(double logService) {
        return (long) StrictMath.max(1, StrictMath.min(MAX_NANOS, StrictMath.exp(logService)));
    }
}
