package io.crowfly.balancer.routing;

import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.Prediction.Basis;
import java.util.concurrent.TimeUnit;

/**
 * Rule that decides how long an attempt waits for its first token before another backend is tried. Stateless; allocates
 * nothing. The policy simulator uses the rule too.
 */
public final class WaitLimit {

    /** Minimum wait before an attempt is abandoned as slow, because the network alone may delay a packet as long. */
    public static final long MIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    /**
     * An attempt is abandoned after this multiple of the 99.9th percentile of its predicted latency. A multiple,
     * because the estimate of such a rare latency is rough.
     */
    private static final double SLOWEST_FACTOR = 3;

    /**
     * Maximum uncertainty of a forecast in this limit, as a natural logarithm: that of a backend of which only its
     * probes are known. The forecast of a backend that is silent soon becomes more uncertain, but a longer wait would
     * not help.
     */
    private static final double MAX_UNCERTAINTY = 0.5;

    private WaitLimit() {}

    /**
     * Returns the wait after which a new attempt will most likely be faster, in nanoseconds, without regard to {@link
     * #MIN_NANOS}. A backend without responses gets longer and longer forecasts, because its requests become overdue
     * and its load grows. Without the other two predictions, later requests would therefore wait longer, for nothing.
     *
     * @param prediction prediction for the attempt when it was sent
     * @param ordinary prediction for the attempt in ordinary times
     * @param next prediction for an attempt at the next backend. Its uncertainty does not count, because the new
     *     attempt may as well be faster than predicted
     */
    public static long nanos(Prediction prediction, Prediction ordinary, Prediction next) {
        return Math.min(nanos(prediction), Math.max(nanos(ordinary), nanos(next, 0)));
    }

    /** Returns the wait after which the predicted response is improbable, in nanoseconds. */
    public static long nanos(Prediction prediction) {
        return nanos(prediction, Math.min(MAX_UNCERTAINTY, prediction.uncertainty()));
    }

    /** Without live requests of the class at any backend, nothing is known of so rare latencies. */
    private static long nanos(Prediction prediction, double uncertainty) {
        return prediction.basis() == Basis.LIVE || prediction.basis() == Basis.PROBES
                ? (long) (SLOWEST_FACTOR * prediction.quantileNanos(Prediction.P999, uncertainty))
                : Long.MAX_VALUE;
    }
}
