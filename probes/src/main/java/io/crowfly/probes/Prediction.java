package io.crowfly.probes;

/**
 * How long a backend will take to the first token of a kind of request: the network's part, plus a service time that is
 * log-normal, as first-token times are found to be (their tails are multiplicative: a queue, a long prompt, a cold cache each
 * multiply). An immutable value; reading it allocates nothing.
 *
 * @param networkNanos the part that does not depend on the model
 * @param logService natural logarithm of the median service time in nanoseconds
 * @param spread standard deviation of the logarithm of single service times around their median
 * @param uncertainty standard deviation of what we believe about that logarithm: noise of few samples, and their age
 * @param tokenNanos time between tokens; {@link ProbeTimes#ABSENT} if not known
 */
public record Prediction(
        Basis basis, long networkNanos, double logService, double spread, double uncertainty, long tokenNanos) {

    /** What it rests upon, the best first. */
    public enum Basis {
        /** Live requests of this class at this backend. */
        LIVE,
        /** Probes of this backend, and what the class takes elsewhere. */
        PROBES,
        /** Probes for the network's part, and for the model's what any may take: no backend has had a request of the class. */
        GUESS,
        NOTHING
    }

    public static final Prediction UNKNOWN = new Prediction(Basis.NOTHING, 0, 0, 0, 0, ProbeTimes.ABSENT);

    /** Standard deviations above the median of a normal distribution, by the share that lies below. */
    public static final double P95 = 1.645;

    public static final double P999 = 3.09;

    /** Wild figures make a time that is absurd, but one that can be reckoned with: a day. */
    private static final double LONGEST_NANOS = 86_400e9;

    Prediction atSize(double sizeEffect) {
        return new Prediction(basis, networkNanos, logService + sizeEffect, spread, uncertainty, tokenNanos);
    }

    public boolean known() {
        return basis != Basis.NOTHING;
    }

    /** {@link ProbeTimes#ABSENT} if nothing is known. */
    public long medianNanos() {
        return known() ? networkNanos + serviceNanos(logService) : ProbeTimes.ABSENT;
    }

    /** The expected time, which a wide spread puts above the median; {@link ProbeTimes#ABSENT} if nothing is known. */
    public long meanNanos() {
        return known() ? networkNanos + serviceNanos(logService + spread * spread / 2) : ProbeTimes.ABSENT;
    }

    /**
     * A quantile of single requests, what we don't know of them included. The prediction is known.
     *
     * @param deviations as {@link #P95}
     */
    public long quantileNanos(double deviations) {
        double deviation = StrictMath.sqrt(spread * spread + uncertainty * uncertainty);
        return networkNanos + serviceNanos(logService + deviations * deviation);
    }

    /** From when on a request is late enough to be news; one in twenty is, in the ordinary course of things. */
    public long overdueNanos() {
        return networkNanos + serviceNanos(logService + P95 * spread);
    }

    /** Of a logarithm. */
    static long serviceNanos(double logService) {
        return (long) StrictMath.max(1, StrictMath.min(LONGEST_NANOS, StrictMath.exp(logService)));
    }
}
