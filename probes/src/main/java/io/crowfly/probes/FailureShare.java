package io.crowfly.probes;

import io.crowfly.probes.state.StateFields;

/**
 * Share of recent live attempts that failed, at a backend or for one model there: a mean over about twenty attempts.
 * Without attempts the share decays, so that one failure period does not reduce the backend's traffic for ever. An
 * immutable value.
 */
record FailureShare(double share, long atNanos) {

    static final FailureShare NONE = new FailureShare(0, 0);

    private static final double WEIGHT = 0.05;
    private static final double FADE_SECONDS = 30;

    /** Below this share, a success sets the share to zero. Successes are frequent, and zero needs no new object. */
    static final double NEGLIGIBLE = 1e-4;

    FailureShare afterAttempt(boolean failed, long nowNanos) {
        if (!failed && share < NEGLIGIBLE) {
            return NONE;
        }
        double current = shareAt(nowNanos);
        return new FailureShare(current + WEIGHT * ((failed ? 1 : 0) - current), nowNanos);
    }

    double shareAt(long nowNanos) {
        double seconds = StrictMath.max(0, nowNanos - atNanos) / 1e9;
        return share == 0 ? 0 : share * StrictMath.exp(-seconds / FADE_SECONDS);
    }

    /** Returns the state after its transfer to another process or from one. */
    FailureShare transferred(StateFields fields) {
        double transferred = StrictMath.max(0, StrictMath.min(1, fields.number("share", share)));
        return transferred == 0 ? NONE : new FailureShare(transferred, fields.moment("at", atNanos));
    }
}
