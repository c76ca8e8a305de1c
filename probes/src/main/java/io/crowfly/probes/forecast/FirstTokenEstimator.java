package io.crowfly.probes.forecast;

import io.crowfly.probes.state.StateFields;

/**
 * Estimator of one backend's time to the first token for one class of requests, updated by live requests. Service time
 * is the latency minus the network part; a {@link LevelFilter} follows its logarithm.
 *
 * <p>The network part comes from probes. A changed route is therefore known before the next request, and a backend
 * without recent requests is still compared by its present network latency. Confined to one thread.
 */
public final class FirstTokenEstimator {

    /**
     * Initial value of the spread (standard deviation of the logarithm) of first-token times, between 0.35 of small
     * models and 0.45 of large ones.
     */
    public static final double INITIAL_SPREAD = 0.4;

    /**
     * Minimum service time, as a share of the latency. Needed when probes measured a network time longer than the
     * request's own latency.
     */
    private static final double MIN_SERVICE_SHARE = 0.05;

    /** Standard deviation of the initial level, which is the mean level of the other backends. */
    private static final double INITIAL_UNCERTAINTY = 0.5;

    /**
     * Weight of the newest response in {@link #usualInFlight}, our mean number of requests in flight. With this weight,
     * the mean adapts about as fast as the level after a jump.
     */
    private static final double LOAD_WEIGHT = 0.2;

    /** Relative change of the mean time between tokens that does not matter. */
    private static final double NEGLIGIBLE_TOKENS = 0.01;

    /** Weight of the newest stream in the mean time between tokens. */
    private static final double TOKEN_WEIGHT = 0.1;

    /**
     * Evidence needed for a jump of the level (see {@link LevelFilter#LevelFilter}). High, because samples are many and
     * a false jump moves all requests to other backends.
     */
    private static final double JUMP_THRESHOLD = 10;

    /**
     * Gap between two samples, in seconds, from which a single fast response can lower the level. A backend in use has
     * shorter gaps.
     */
    private static final double LONG_GAP_SECONDS = 1;

    private final LevelFilter service;
    private final ClassStatistics classStatistics;
    private final LoadCurveFilter loadCurve;
    private final SampleLimit sampleLimit = new SampleLimit();
    private double tokenNanos = ProbeTimes.ABSENT;
    private double usualInFlight = 1;
    private long slowdownAtNanos = Long.MIN_VALUE;
    private long respondedAtNanos = Long.MIN_VALUE;
    private long version;
    private double versionTokenNanos = ProbeTimes.ABSENT;

    /**
     * @param classStatistics statistics of the class over all backends
     * @param loadCurve load curve of this backend, shared by its classes
     */
    public FirstTokenEstimator(ClassStatistics classStatistics, LoadCurveFilter loadCurve) {
        this.classStatistics = classStatistics;
        this.loadCurve = loadCurve;
        service = new LevelFilter(
                INITIAL_SPREAD, JUMP_THRESHOLD, LONG_GAP_SECONDS, loadCurve, classStatistics::usualVariance);
    }

    /**
     * Returns whether the latency or the wait of the next request should be recorded: above about 200 requests per
     * second only some are, chosen at random. Call this at the time at which the request would have become overdue.
     */
    public boolean accepts(long nowNanos) {
        return sampleLimit.accepts(nowNanos);
    }

    /**
     * Records the latency of a response. Call this at the time at which the request would have become overdue, not when
     * the response arrived. Fast responses arrive first, so a backend that has just begun to get requests would seem
     * too fast. Slow responses arrive last, so a backend that no longer gets requests would seem too slow.
     *
     * @param nanos time from sending the request to the first token
     * @param networkNanos network part of that time
     * @param inFlight our requests in flight at the backend when the request was sent, this request included
     */
    public void recordLatency(long nanos, long networkNanos, long requestBytes, long inFlight, long nowNanos) {
        version++;
        double logService = logServiceTime(nanos, networkNanos, requestBytes);
        double unloaded = logService - loadCurve.logFactor(inFlight);
        beginIfNew(unloaded, inFlight, nowNanos);
        double residual = unloaded - service.level();
        classStatistics.recordServiceTime(unloaded, residual);
        loadCurve.recordFactor(inFlight, logService - service.level(), nowNanos);
        usualInFlight += LOAD_WEIGHT * (inFlight - usualInFlight);
        boolean jumped = service.observe(logService, inFlight, nowNanos);
        if (!jumped && inFlight <= loadCurve.knownInFlight()) {
            double limit = 2 * service.spread();
            classStatistics.sizeEffect.learn(requestBytes, Math.max(-limit, Math.min(limit, residual)));
        }
    }

    /** Records that a response was received. Call this at once, whenever its latency is recorded. */
    public void recordResponse(long nowNanos) {
        respondedAtNanos = nowNanos;
    }

    /** Records that a request has had no first token for {@code nanos} and is still unanswered. */
    public void recordOverdue(long nanos, long networkNanos, long requestBytes, long inFlight, long nowNanos) {
        version++;
        double logService = logServiceTime(nanos, networkNanos, requestBytes);
        beginIfNew(logService - loadCurve.logFactor(inFlight), inFlight, nowNanos);
        usualInFlight += LOAD_WEIGHT * (inFlight - usualInFlight);
        if (!hasSlowedSince(Math.max(respondedAtNanos, nowNanos - nanos))) {
            // A class without any response since its level has jumped is frozen, which load would not cause. Its
            // unanswered requests say nothing about the load that the backend can take.
            loadCurve.recordFactor(inFlight, Double.POSITIVE_INFINITY, nowNanos);
        }
        if (service.observeCensored(logService, inFlight, nowNanos)) {
            slowdownAtNanos = nowNanos;
        }
    }

    /** Forgets that requests were slow lately, because they had no response at all. */
    public void forgetSlowness() {
        version++;
        service.returnToOrdinary();
    }

    /**
     * Returns whether the level has jumped up since the given time. If it has, each further wait of a request sent
     * before the jump is new evidence. Otherwise, further waits would only count a slow request twice.
     */
    public boolean hasSlowedSince(long nanos) {
        return slowdownAtNanos > nanos;
    }

    private double logServiceTime(long nanos, long networkNanos, long requestBytes) {
        double serviceNanos = Math.max(Math.max(1, nanos - networkNanos), MIN_SERVICE_SHARE * nanos);
        return StrictMath.log(serviceNanos) - classStatistics.sizeEffect.logFactor(requestBytes);
    }

    private void beginIfNew(double unloaded, long inFlight, long nowNanos) {
        if (service.known()) {
            return;
        }
        double typical = classStatistics.typicalLogService();
        if (Double.isNaN(typical)) {
            service.begin(unloaded, inFlight, service.spread(), nowNanos);
        } else {
            service.begin(typical, 1, INITIAL_UNCERTAINTY, nowNanos);
        }
    }

    public void recordStream(long tokens, long nanos) {
        double each = (double) nanos / StrictMath.max(1, tokens);
        tokenNanos = tokenNanos < 0 ? each : tokenNanos + TOKEN_WEIGHT * (each - tokenNanos);
        if (Math.abs(tokenNanos - versionTokenNanos) > NEGLIGIBLE_TOKENS * tokenNanos) {
            versionTokenNanos = tokenNanos;
            version++;
        }
    }

    /** Returns a number that changes whenever the prediction changes, except by load and by the passage of time. */
    public long version() {
        return version;
    }

    public boolean known() {
        return service.known();
    }

    /**
     * Returns the natural logarithm of the median service time in nanoseconds of a single request, at the class's
     * ordinary body size.
     */
    public double level() {
        return service.level();
    }

    /** Returns the number of samples recorded so far. */
    public double samples() {
        return service.samples();
    }

    public double spread() {
        return service.spread();
    }

    public double ordinaryLevel() {
        return service.ordinaryLevel();
    }

    /** Returns our mean number of requests in flight when the last requests were sent. */
    public double usualInFlight() {
        return usualInFlight;
    }

    /** Returns the standard deviation of the estimated level of a single request. */
    public double uncertaintyWithoutLoad(long nowNanos) {
        return service.uncertainty(1, nowNanos);
    }

    public long observedAtNanos() {
        return service.observedAtNanos();
    }

    long tokenNanos() {
        return (long) tokenNanos;
    }

    /** Returns the prediction for a single request, with the uncertainty at the usual load. */
    public Prediction prediction(long networkNanos, long nowNanos) {
        return new Prediction(
                Prediction.Basis.LIVE,
                networkNanos,
                service.level(),
                service.spread(),
                service.uncertainty(usualInFlight, nowNanos),
                tokenNanos());
    }

    /** Transfers the state to another process or from one. */
    public void transfer(StateFields fields) {
        service.transfer(fields.part("service"));
        tokenNanos = fields.number("tokenNanos", tokenNanos);
        usualInFlight = Math.max(1, fields.number("usualInFlight", usualInFlight));
        slowdownAtNanos = fields.moment("slowdownAt", slowdownAtNanos);
        respondedAtNanos = fields.moment("respondedAt", respondedAtNanos);
        version++;
    }
}
