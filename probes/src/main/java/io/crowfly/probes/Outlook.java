package io.crowfly.probes;

/**
 * What to expect of one backend for one class of requests, at the class's ordinary size. An immutable value.
 *
 * @param hopedLogService natural logarithm of the service time that may be found by asking: what it is in ordinary times, or
 *     what it may be for all we know, whichever is less
 * @param observedAtNanos when a live request last taught us; {@link Long#MIN_VALUE} if none ever did
 * @param returnedAtNanos when the backend last came back for this class, from an ejection, a parking, a time of slowness, or
 *     bad probes: from there on it is filled gently
 */
public record Outlook(Prediction prediction, double hopedLogService, long observedAtNanos, long returnedAtNanos) {

    /** The same for a body of another size. */
    public Outlook atSize(double sizeEffect) {
        if (sizeEffect == 0 || !prediction.known()) {
            return this;
        }
        return new Outlook(
                prediction.atSize(sizeEffect), hopedLogService + sizeEffect, observedAtNanos, returnedAtNanos);
    }

    /** The time to the first token that asking may find; the prediction is known. */
    public long hopedNanos() {
        double mean = hopedLogService + prediction.spread() * prediction.spread() / 2;
        return prediction.networkNanos() + (long) StrictMath.exp(mean);
    }
}
