package io.crowfly.probes.forecast;

/**
 * Functions of the standard normal distribution, for {@link LevelFilter}. They use StrictMath, so that the simulator's
 * tables are the same on every JVM.
 */
final class NormalDistribution {

    private static final double ROOT_2_PI = StrictMath.sqrt(2 * StrictMath.PI);

    private NormalDistribution() {}

    static double density(double x) {
        return StrictMath.exp(-x * x / 2) / ROOT_2_PI;
    }

    /**
     * Returns the probability of a value above x; never 0. Abramowitz and Stegun, formula 26.2.17; the error is below
     * 1e-7.
     */
    static double probabilityAbove(double x) {
        if (x < 0) {
            return 1 - probabilityAbove(-x);
        }
        double t = 1 / (1 + 0.2316419 * x);
        double polynomial =
                t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        return StrictMath.max(Double.MIN_NORMAL, density(x) * polynomial);
    }

    /** Returns the mean of the values that are above x. */
    static double meanAbove(double x) {
        // Above 5, density and probability are both close to zero, and their quotient is inexact. The distribution
        // there is nearly exponential.
        return x > 5 ? x + 1 / x : density(x) / probabilityAbove(x);
    }
}
