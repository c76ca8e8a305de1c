package io.crowfly.probes;

/**
 * What to expect of one backend for one class of requests, at the class's ordinary size. An immutable value.
 *
 * @param hopedLogService natural logarithm of the service time that may be found by asking: what it is in ordinary times, or
 *     what it may be for all we know, whichever is less
 * @param observedAtNanos when a live request last taught us; {@link Long#MIN_VALUE} if none ever did
 * @param returnedAtNanos when the backend last came back for this class, from an ejection, a parking, or bad probes: from
 *     there on it is filled gently
 * @param ordinaryLogService natural logarithm of the service time in ordinary times
 * @param usualLoad our own requests in flight under which the prediction was found to be as it is: what it is above the
 *     ordinary may be their doing, and is less with fewer
 * @param room for so many of our own requests in flight; beyond, they are expected to queue
 */
public record Outlook(
        Prediction prediction,
        double hopedLogService,
        long observedAtNanos,
        long returnedAtNanos,
        double ordinaryLogService,
        double usualLoad,
        double room) {

    /** The same for a body of another size. @param sizeEffect as {@link ClassOutlook#sizeEffects()} has it */
    public Outlook atSize(double sizeEffect) {
        if (sizeEffect == 0 || !prediction.known()) {
            return this;
        }
        return new Outlook(
                prediction.atSize(sizeEffect),
                hopedLogService + sizeEffect,
                observedAtNanos,
                returnedAtNanos,
                ordinaryLogService + sizeEffect,
                usualLoad,
                room);
    }

    /** The expected time to the first token in ordinary times; the prediction is known. */
    public double ordinaryNanos() {
        return prediction.networkNanos() + mean(ordinaryLogService);
    }

    private long mean(double logService) {
        return Prediction.serviceNanos(logService + prediction.spread() * prediction.spread() / 2);
    }

    /** The time to the first token that asking may find; the prediction is known. */
    public long hopedNanos() {
        return prediction.networkNanos() + mean(hopedLogService);
    }
}
