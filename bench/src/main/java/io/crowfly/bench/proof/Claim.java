package io.crowfly.bench.proof;

import java.util.Locale;

/**
 * Statement that a benchmark checks, with the required and the measured value; one row of the page's table.
 *
 * @param holds whether the measured value meets the requirement
 */
public record Claim(String statement, String required, String measured, boolean holds) {

    /** Returns the claim that a count is zero. */
    public static Claim zero(String statement, long count) {
        return new Claim(statement, "0", Long.toString(count), count == 0);
    }

    /** Returns the claim that a count has the required value. */
    public static Claim equal(String statement, long required, long count) {
        return new Claim(statement, Long.toString(required), Long.toString(count), count == required);
    }

    /** Returns the claim that a figure is at most a bound. */
    public static Claim atMost(String statement, long bound, long figure, String unit) {
        return new Claim(statement, "at most " + bound + unit, figure + unit, figure <= bound);
    }

    /**
     * Returns the claim that a figure with decimals is at most a bound. An infinite figure means that the event never
     * happened.
     */
    public static Claim within(String statement, double bound, double figure, String unit) {
        String measured = Double.isFinite(figure) ? number(figure) + unit : "never";
        return new Claim(statement, "at most " + number(bound) + unit, measured, figure <= bound);
    }

    /** Returns the claim that a share, from 0 to 1, is at least a bound. */
    public static Claim atLeast(String statement, double bound, double share) {
        return new Claim(statement, "at least " + percent(bound), percent(share), share >= bound);
    }

    private static String number(double figure) {
        return String.format(Locale.ROOT, "%.2f", figure);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f%%", share * 100);
    }
}
