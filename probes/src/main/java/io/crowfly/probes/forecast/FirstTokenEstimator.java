package io.crowfly.probes.forecast;

/**
 * Estimator of one backend's time to the first token for one class of requests, fed by live requests. Service time is
 * the latency minus the network part; a {@link LevelFilter} follows its logarithm.
 *
 * <p>The network part comes from probes. A changed route is therefore known before the next request, and a backend
 * without recent requests is still compared by its present network latency. Confined to one thread.
 */
public final class FirstTokenEstimator {

    /**
     * First guess of the spread of a model's first-token times: between 0.35 of small models and 0.45 of large ones.
     */
    public static final double INITIAL_SPREAD = 0.4;

    /** Service time is at least this share of the latency, even if probes measure a slower network. */
    private static final double MIN_SERVICE_SHARE = 0.05;

    /** Standard deviation of the first guess, which is that the backend is like the others. */
    private static final double INITIAL_UNCERTAINTY = 0.5;

    /** Weight of the newest response in {@link #usualInFlight}. The mean adapts about as fast as a level jumps. */
    private static final double LOAD_WEIGHT = 0.2;

    /** Weight of the newest stream in the time between tokens. */
    private static final double TOKEN_WEIGHT = 0.1;

    /** High, because samples are many and a false jump moves all requests away. See {@link LevelFilter#LevelFilter}. */
    private static final double JUMP_THRESHOLD = 10;

    private final LevelFilter service = new LevelFilter(INITIAL_SPREAD, JUMP_THRESHOLD);
    private final ClassStatistics classStatistics;
    private final LoadCurve loadCurve;
    private double tokenNanos = ProbeTimes.ABSENT;
    private double usualInFlight = 1;
    private long slowdownAtNanos = Long.MIN_VALUE;

    /**
     * @param classStatistics the class's statistics over all backends
     * @param loadCurve the load curve of this backend
     */
    public FirstTokenEstimator(ClassStatistics classStatistics, LoadCurve loadCurve) {
        this.classStatistics = classStatistics;
        this.loadCurve = loadCurve;
    }

    /**
     * Records the latency of a response. Call this at the time at which the request would have been overdue, not when
     * the response arrived. Otherwise a backend that has just begun to get requests would be judged by the fast ones
     * among them, and a backend that no longer gets any by the slow ones.
     *
     * @param nanos time from sending the request to the first token
     * @param inFlight our requests in flight at the backend when the request was sent, itself included
     */
    public void recordLatency(long nanos, long networkNanos, long requestBytes, long inFlight, long nowNanos) {
        double logService = logServiceTime(nanos, networkNanos, requestBytes);
        beginIfNew(logService, nowNanos);
        classStatistics.recordServiceTime(logService);
        double formerLevel = service.level();
        double overload = logOverload(inFlight);
        boolean jumped = service.observe(logService, overload * overload, nowNanos);
        if (!jumped && overload == 0) {
            double limit = 2 * service.spread();
            classStatistics.sizeEffect.learn(requestBytes, Math.max(-limit, Math.min(limit, logService - formerLevel)));
        }
        recordLoad(inFlight, nowNanos);
        loadCurve.recordLatency(inFlight, logService - service.ordinaryLevel());
    }

    /** Records that a request has had no response for {@code nanos}. */
    public void recordOverdue(long nanos, long networkNanos, long requestBytes, long inFlight, long nowNanos) {
        double logService = logServiceTime(nanos, networkNanos, requestBytes);
        beginIfNew(logService, nowNanos);
        double overload = logOverload(inFlight);
        if (service.observeCensored(logService, overload * overload, nowNanos)) {
            slowdownAtNanos = nowNanos;
        }
        recordLoad(inFlight, nowNanos);
        loadCurve.recordLatency(inFlight, logService - service.ordinaryLevel());
    }

    /**
     * Returns whether the level has jumped up since the given time. If so, each further wait of a request sent before
     * the jump is new evidence. Otherwise, further waits would only count slow requests twice.
     */
    public boolean hasSlowedSince(long nanos) {
        return slowdownAtNanos > nanos;
    }

    private double logServiceTime(long nanos, long networkNanos, long requestBytes) {
        double serviceNanos = Math.max(Math.max(1, nanos - networkNanos), MIN_SERVICE_SHARE * nanos);
        return StrictMath.log(serviceNanos) - classStatistics.sizeEffect.logFactor(requestBytes);
    }

    private void beginIfNew(double logService, long nowNanos) {
        if (!service.known()) {
            boolean first = Double.isNaN(classStatistics.typicalLogService());
            service.begin(
                    first ? logService : classStatistics.typicalLogService(),
                    first ? service.spread() : INITIAL_UNCERTAINTY,
                    nowNanos);
        }
    }

    private double logOverload(long inFlight) {
        return StrictMath.log(Math.max(1, inFlight / loadCurve.kneeInFlight()));
    }

    private void recordLoad(long inFlight, long nowNanos) {
        loadCurve.recordSent(inFlight, nowNanos);
        usualInFlight += LOAD_WEIGHT * (inFlight - usualInFlight);
    }

    public void recordStream(long tokens, long nanos) {
        double each = (double) nanos / StrictMath.max(1, tokens);
        tokenNanos = tokenNanos < 0 ? each : tokenNanos + TOKEN_WEIGHT * (each - tokenNanos);
    }

    public boolean known() {
        return service.known();
    }

    /** Returns the natural logarithm of the median service time in nanoseconds, at the class's ordinary body size. */
    public double level() {
        return service.level();
    }

    /** Returns the number of samples so far. */
    public double samples() {
        return service.samples();
    }

    public double spread() {
        return service.spread();
    }

    public double ordinaryLevel() {
        return service.ordinaryLevel();
    }

    /** Returns our mean number of requests in flight when the requests behind the present level were sent. */
    public double usualInFlight() {
        return usualInFlight;
    }

    public long observedAtNanos() {
        return service.observedAtNanos();
    }

    long tokenNanos() {
        return (long) tokenNanos;
    }

    public Prediction prediction(long networkNanos, long nowNanos) {
        return new Prediction(
                Prediction.Basis.LIVE,
                networkNanos,
                service.level(),
                service.spread(),
                service.uncertainty(nowNanos),
                tokenNanos());
    }
}
