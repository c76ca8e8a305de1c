package io.crowfly.probes.forecast;

/**
 * Expected latency of one class of requests at one backend, at the class's ordinary body size. An immutable value.
 *
 * @param optimisticLogService natural logarithm of the service time that exploration may find: the ordinary one, or the
 *     lower end of what the uncertainty allows, whichever is less
 * @param observedAtNanos time of the last sample from a live request; {@link Long#MIN_VALUE} before the first
 * @param returnedAtNanos when the backend last returned for this class from an ejection, a parking, or failed probes;
 *     slow start begins there
 * @param ordinaryLogService natural logarithm of the service time in ordinary times
 * @param usualInFlight our mean number of requests in flight while the prediction was learned. They may cause the part
 *     of the prediction that is above the ordinary, so that part shrinks with fewer of them
 * @param kneeInFlight our number of requests in flight above which they are expected to queue
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
     * @param sizeEffect an element of {@link ClassForecast#sizeEffects()}
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

    /** Returns the expected time to the first token in ordinary times. The prediction must be known. */
    public double ordinaryNanos() {
        return prediction.networkNanos() + meanServiceNanos(ordinaryLogService);
    }

    private long meanServiceNanos(double logService) {
        return Prediction.serviceNanos(logService + prediction.spread() * prediction.spread() / 2);
    }

    /** Returns the expected time to the first token that exploration may find. The prediction must be known. */
    public long optimisticNanos() {
        return prediction.networkNanos() + meanServiceNanos(optimisticLogService);
    }
}
