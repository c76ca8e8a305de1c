package io.crowfly.probes.forecast;

import io.crowfly.probes.state.StateFields;

/** Statistics of one class of requests, learned from responses of all backends. Confined to one thread. */
public final class ClassStatistics {

    /** Weight of the newest response in the expected number of tokens. */
    private static final double TOKENS_WEIGHT = 0.02;

    /** Weight of the newest response in {@link #typicalLogService}. */
    private static final double TYPICAL_WEIGHT = 0.05;

    /** Weight of the newest response in {@link #usualVariance}. */
    private static final double VARIANCE_WEIGHT = 0.01;

    /**
     * A sample farther from its forecast, in standard deviations, is cut to this distance in {@link #usualVariance},
     * because levels jump.
     */
    private static final double VARIANCE_CUT = 2;

    /** Minimum of a {@link #usualVariance} that another process has transferred. */
    private static final double MIN_VARIANCE = 1e-4;

    /** Variance of a normal distribution of variance 1 whose values are cut like that. */
    private static final double CUT_VARIANCE = 0.774;

    /** Time constant, in seconds, with which {@link #recentResponses} decays. */
    private static final double RECENT_SECONDS = 60;

    /** Age from which figures are published again although they have hardly changed. */
    private static final double REFRESH_SECONDS = 1;

    /** Difference of an effect of body sizes, and relative one of the number of tokens, that does not matter. */
    private static final double NEGLIGIBLE = 0.002;

    final SizeEffect sizeEffect = new SizeEffect();

    /**
     * Mean of the logarithm of service times over all backends, at the class's ordinary body size; NaN before the first
     * sample.
     */
    private double typicalLogService = Double.NaN;

    private double usualVariance = FirstTokenEstimator.INITIAL_SPREAD * FirstTokenEstimator.INITIAL_SPREAD;

    private int sizesSeen;
    private double expectedTokens;
    private int responsesSincePublication;
    private double recentResponses;
    private long publishedAtNanos = Long.MIN_VALUE;
    private ClassForecast published = new ClassForecast(new double[ClassForecast.NODES], 0, 0, 0);

    public void recordResponse(long requestBytes) {
        responsesSincePublication++;
        sizesSeen |= 1 << ClassForecast.sizeNode(requestBytes);
    }

    /**
     * Records a service time.
     *
     * @param residual its logarithm minus the forecast at its backend
     */
    void recordServiceTime(double logService, double residual) {
        double square = Math.min(residual * residual, VARIANCE_CUT * VARIANCE_CUT * usualVariance) / CUT_VARIANCE;
        usualVariance += VARIANCE_WEIGHT * (square - usualVariance);
        typicalLogService = Double.isNaN(typicalLogService)
                ? logService
                : typicalLogService + TYPICAL_WEIGHT * (logService - typicalLogService);
    }

    double typicalLogService() {
        return typicalLogService;
    }

    /** Returns the variance of the logarithm of single service times around their forecasts, over all backends. */
    double usualVariance() {
        return usualVariance;
    }

    public void recordStream(long count) {
        expectedTokens = expectedTokens == 0 ? count : expectedTokens + TOKENS_WEIGHT * (count - expectedTokens);
    }

    /** Returns about the number of responses in the last minute, as of the last publication. */
    double recentResponses() {
        return recentResponses + responsesSincePublication;
    }

    /**
     * Returns the figures to publish, and decays the number of recent responses to the present time. The figures are
     * the same object as before for up to a second, unless an effect of body sizes or the number of tokens has changed
     * by enough to matter.
     */
    public ClassForecast forecast(long nowNanos) {
        boolean first = publishedAtNanos == Long.MIN_VALUE;
        double seconds = first ? 0 : (nowNanos - publishedAtNanos) / 1e9;
        if (!first && seconds < REFRESH_SECONDS && !differsFromPublished()) {
            return published;
        }
        recentResponses = recentResponses * StrictMath.exp(-seconds / RECENT_SECONDS) + responsesSincePublication;
        responsesSincePublication = 0;
        publishedAtNanos = nowNanos;
        published = new ClassForecast(sizeEffect.logFactors(), sizesSeen, expectedTokens, recentResponses);
        return published;
    }

    private boolean differsFromPublished() {
        return sizesSeen != published.sizesSeen()
                || Math.abs(expectedTokens - published.expectedTokens()) > NEGLIGIBLE * expectedTokens
                || responsesSincePublication > 0 && sizeEffect.differsFrom(published.sizeEffects(), NEGLIGIBLE);
    }

    /** Transfers the state to another process or from one. */
    public void transfer(StateFields fields) {
        sizeEffect.transfer(fields.part("sizeEffect"));
        typicalLogService = fields.number("typicalLogService", typicalLogService);
        usualVariance = Math.max(MIN_VARIANCE, fields.number("usualVariance", usualVariance));
        sizesSeen = (int) fields.whole("sizesSeen", sizesSeen);
        expectedTokens = Math.max(0, fields.number("expectedTokens", expectedTokens));
        recentResponses = Math.max(0, fields.number("recentResponses", recentResponses));
    }
}
