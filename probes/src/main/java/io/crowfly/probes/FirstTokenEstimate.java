package io.crowfly.probes;

/**
 * One backend's time to the first token for one class of requests, from live requests: what is above the network's part is
 * taken for service time, and its logarithm followed by a {@link LevelFilter}. The network's part comes from probes, so a
 * route that changes is known here before the next request, and a backend that has got no requests lately is still
 * compared by today's network. Confined to one thread.
 */
final class FirstTokenEstimate {

    /** Spread of a model's first-token times where nothing is known yet: between a small model's 0.35 and a large one's 0.45. */
    static final double FIRST_SPREAD = 0.4;

    /** Service takes at least this share of the whole, whatever probes say of the network. */
    private static final double MIN_SERVICE_SHARE = 0.05;

    /** Weight of the newest stream in the time between tokens. */
    private static final double TOKEN_WEIGHT = 0.1;

    /** Of a jump: requests are many, and one that is taken for a jump by mistake drives all of them away. */
    private static final double ALARM = 10;

    private final LevelFilter service = new LevelFilter(FIRST_SPREAD, ALARM);
    private final SizeEffect sizes;
    private double tokenNanos = ProbeTimes.ABSENT;
    private long recoveredAtNanos = Long.MIN_VALUE;

    FirstTokenEstimate(SizeEffect sizes) {
        this.sizes = sizes;
    }

    void observe(long sinceSentNanos, long networkNanos, long requestBytes, boolean wasOverdue, long nowNanos) {
        double serviceNanos =
                StrictMath.max(StrictMath.max(1, sinceSentNanos - networkNanos), MIN_SERVICE_SHARE * sinceSentNanos);
        double value = StrictMath.log(serviceNanos) - sizes.at(requestBytes);
        double before = service.level();
        boolean first = !service.known();
        boolean jumped = service.observe(value, nowNanos, !wasOverdue);
        if (jumped && service.level() < before) {
            recoveredAtNanos = nowNanos;
        }
        if (!first && !jumped) {
            double limit = 2 * service.spread();
            sizes.learn(requestBytes, StrictMath.max(-limit, StrictMath.min(limit, value - before)));
        }
    }

    void overdue() {
        service.overdue();
    }

    void streamed(long tokens, long nanos) {
        double each = (double) nanos / StrictMath.max(1, tokens);
        tokenNanos = tokenNanos < 0 ? each : tokenNanos + TOKEN_WEIGHT * (each - tokenNanos);
    }

    boolean known() {
        return service.known();
    }

    /** Natural logarithm of the median service time in nanoseconds, at the class's ordinary size. */
    double level() {
        return service.level();
    }

    /** How many samples there were. */
    double samples() {
        return service.samples();
    }

    double spread() {
        return service.spread();
    }

    double ordinary() {
        return service.ordinary();
    }

    long observedAtNanos() {
        return service.observedAtNanos();
    }

    /** When the backend was last found to be faster again of a sudden. */
    long recoveredAtNanos() {
        return recoveredAtNanos;
    }

    long tokenNanos() {
        return (long) tokenNanos;
    }

    Prediction prediction(long networkNanos, long nowNanos) {
        return new Prediction(
                Prediction.Basis.LIVE,
                networkNanos,
                service.level(),
                service.spread(),
                service.uncertainty(nowNanos),
                tokenNanos());
    }
}
