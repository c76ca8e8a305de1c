package io.crowfly.probes.forecast;

/**
 * Expected latency of one class of requests at one backend, at the class's ordinary body size, with the limits that
 * slow start, exploration and load need. An immutable value.
 *
 * @param optimisticLogService natural logarithm of the service time that exploration may find: the ordinary level, or
 *     the prediction minus its uncertainty, whichever is less
 * @param observedAtNanos time of the last sample from a live request; {@link Long#MIN_VALUE} before the first
 * @param returnedAtNanos when the backend last became available again for this class, after an ejection, a parking, or
 *     failed probes; slow start begins at this time
 * @param ordinaryLogService natural logarithm of the service time in ordinary times
 * @param usualInFlight our mean number of requests in flight while the prediction was learned. These requests may be
 *     the reason why the prediction is above the ordinary level. With fewer requests, that difference is reduced
 * @param kneeInFlight our number of requests in flight above which further requests are expected to queue
 */
public record Forecast(
        Prediction prediction,
        double optimisticLogService,
        long observedAtNanos,
        long returnedAtNanos,
        double ordinaryLogService,
        double usualInFlight,
        double kneeInFlight) {

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
                usualInFlight,
                kneeInFlight);
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
