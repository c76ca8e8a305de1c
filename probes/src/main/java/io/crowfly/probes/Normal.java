package io.crowfly.probes;

/** The standard normal distribution. StrictMath, so that the simulator's tables are the same on every JVM. */
final class Normal {

    private static final double ROOT_2_PI = StrictMath.sqrt(2 * StrictMath.PI);

    private Normal() {}

    static double density(double x) {
        return StrictMath.exp(-x * x / 2) / ROOT_2_PI;
    }

    /** The probability of more than x; never 0. Abramowitz and Stegun, 26.2.17: its error is below 1e-7. */
    static double above(double x) {
        if (x < 0) {
            return 1 - above(-x);
        }
        double t = 1 / (1 + 0.2316419 * x);
        double polynomial =
                t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        return StrictMath.max(Double.MIN_NORMAL, density(x) * polynomial);
    }

    /** The mean of what is above x. */
    static double meanAbove(double x) {
        // Far out the quotient is of two numbers close to nothing, and the tail is close to exponential.
        return x > 5 ? x + 1 / x : density(x) / above(x);
    }
}
