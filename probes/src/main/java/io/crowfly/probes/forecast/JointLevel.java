package io.crowfly.probes.forecast;

import io.crowfly.probes.state.StateFields;

/**
 * Level of a noisy quantity that is learned together with a load curve: a linear function of the curve's coefficients
 * plus independent noise. So the level at a number in flight that is often seen is certain even while the curve is not.
 * Confined to one thread.
 */
final class JointLevel {

    private final LoadCurveFilter curve;
    private final double[] slopes = new double[LoadCurve.HINGES];
    private final double[] sampled = new double[LoadCurve.HINGES];
    private double base;
    private double variance;

    JointLevel(LoadCurveFilter curve) {
        this.curve = curve;
    }

    /**
     * Sets the level to a value that was observed at some number in flight.
     *
     * @param value the level without load that the observation gives with the present curve
     * @param hinges hinges of that number in flight, or their mean
     */
    void set(double value, double[] hinges, double variance) {
        for (int k = 0; k < slopes.length; k++) {
            slopes[k] = -hinges[k];
        }
        base = value - curve.mean(slopes);
        this.variance = variance;
    }

    /** Sets the level to another one of the same curve plus a difference. */
    void set(JointLevel other, double difference, double variance) {
        base = other.base + difference;
        System.arraycopy(other.slopes, 0, slopes, 0, slopes.length);
        this.variance = variance;
    }

    /** Moves this level towards another one of the same curve. */
    void follow(JointLevel other, double weight) {
        base += weight * (other.base - base);
        for (int k = 0; k < slopes.length; k++) {
            slopes[k] += weight * (other.slopes[k] - slopes[k]);
        }
    }

    /** Returns the level without load. */
    double value() {
        return base + curve.mean(slopes);
    }

    /** Returns the variance of the noise that is independent of the curve. */
    double ownVariance() {
        return variance;
    }

    void setOwnVariance(double variance) {
        this.variance = variance;
    }

    /** Returns the part of the variance of the level with this load that the curve causes. */
    double curveVariance(double[] hinges) {
        add(hinges);
        return curve.variance(sampled);
    }

    private void add(double[] hinges) {
        for (int k = 0; k < slopes.length; k++) {
            sampled[k] = slopes[k] + hinges[k];
        }
    }

    /**
     * Learns level and curve from a sample.
     *
     * @param residual the sample minus the level with this load
     * @param noise variance of the sample's noise
     */
    void learn(double[] hinges, double residual, double noise) {
        add(hinges);
        double total = curve.variance(sampled) + variance + noise;
        // Given the coefficients, the sample minus its linear function is this level's own noise plus the sample's.
        double gain = variance / (variance + noise);
        base += gain * (residual + curve.mean(sampled));
        for (int k = 0; k < slopes.length; k++) {
            slopes[k] -= gain * sampled[k];
        }
        variance *= 1 - gain;
        curve.learn(sampled, residual, total);
    }

    /** Transfers the state to another process or from one. */
    void transfer(StateFields fields) {
        base = fields.number("base", base);
        variance = Math.max(0, fields.number("variance", variance));
        fields.numbers("slopes", slopes);
    }
}
