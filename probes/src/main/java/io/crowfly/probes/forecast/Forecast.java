package io.crowfly.probes.forecast;

/**
 * Expected latency of one class of requests at one backend as a function of our requests in flight there, at the
 * class's ordinary body size, with the limits that slow start and exploration need. An immutable value.
 *
 * @param prediction prediction for a single request. Its uncertainty is that at the usual load
 * @param optimisticLogService natural logarithm of the service time that exploration may find: the ordinary level, or
 *     the prediction minus its uncertainty, whichever is less
 * @param observedAtNanos time of the last sample from a live request; {@link Long#MIN_VALUE} before the first
 * @param returnedAtNanos when the backend last became available again for this class, after an ejection, a parking, or
 *     failed probes; slow start begins at this time
 * @param ordinaryLogService natural logarithm of the service time of a single request in ordinary times
 * @param loadCurve growth of service time with our requests in flight
 */
public record Forecast(
        Prediction prediction,
        double optimisticLogService,
        long observedAtNanos,
        long returnedAtNanos,
        double ordinaryLogService,
        LoadCurve loadCurve) {

    /**
     * Returns the forecast for another body size.
     *
     * @param sizeEffect the body size's element of {@link ClassForecast#sizeEffects()}
     */
    public Forecast atSize(double sizeEffect) {
        if (sizeEffect == 0 || !prediction.known()) {
            return this;
        }
        return new Forecast(
                prediction.atSize(sizeEffect),
                optimisticLogService + sizeEffect,
                observedAtNanos,
                returnedAtNanos,
                ordinaryLogService + sizeEffect,
                loadCurve);
    }

    /** Returns the prediction with this number of our requests in flight, the new request included. */
    public Prediction predictionAt(long inFlight) {
        return prediction.known() ? prediction.times(loadCurve.factor(inFlight)) : prediction;
    }

    /**
     * Returns the prediction without the effect of load beyond that at which responses were ordinary lately. Beyond
     * that load, the curve is an assumption.
     *
     * @param inFlight our requests in flight, the new request included
     */
    public Prediction predictionAtKnownLoad(long inFlight) {
        return atKnownLoad(prediction, inFlight);
    }

    /**
     * Returns the {@link #predictionAtKnownLoad} without a present slowdown. In a slowdown its uncertainty is 0,
     * because the uncertainty is then that of the slowdown.
     *
     * @param inFlight our requests in flight, the new request included
     */
    public Prediction ordinaryAtKnownLoad(long inFlight) {
        double slowdown = prediction.logService() - ordinaryLogService;
        boolean slow = prediction.known() && slowdown > 0;
        return atKnownLoad(slow ? prediction.atSize(-slowdown).withUncertainty(0) : prediction, inFlight);
    }

    private Prediction atKnownLoad(Prediction unloaded, long inFlight) {
        return unloaded.known()
                ? unloaded.times(loadCurve.factor(StrictMath.min(inFlight, loadCurve.knownInFlight())))
                : unloaded;
    }

    /**
     * Returns the expected (mean) time to the first token in ordinary times, in nanoseconds. The prediction must be
     * known.
     */
    public double ordinaryNanos() {
        return prediction.networkNanos() + meanServiceNanos(ordinaryLogService);
    }

    private long meanServiceNanos(double logService) {
        return Prediction.serviceNanos(logService + prediction.spread() * prediction.spread() / 2);
    }

    /**
     * Returns the shortest time to the first token that exploration may plausibly find, in nanoseconds. The prediction
     * must be known.
     */
    public long optimisticNanos() {
        return prediction.networkNanos() + meanServiceNanos(optimisticLogService);
    }
}
