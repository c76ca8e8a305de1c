package io.crowfly.bench.proof;

import java.util.Locale;

/** Something that a run is to show, what that takes, and what was seen. */
public record Claim(String statement, String required, String measured, boolean holds) {

    /** That a count is zero. */
    public static Claim zero(String statement, long count) {
        return new Claim(statement, "0", Long.toString(count), count == 0);
    }

    /** That a count is as high as it has to be. */
    public static Claim equal(String statement, long required, long count) {
        return new Claim(statement, Long.toString(required), Long.toString(count), count == required);
    }

    /** That a figure stays within a bound. */
    public static Claim atMost(String statement, long bound, long figure, String unit) {
        return new Claim(statement, "at most " + bound + unit, figure + unit, figure <= bound);
    }

    /** The same for one with decimals; what never came is infinite. */
    public static Claim within(String statement, double bound, double figure, String unit) {
        String seen = Double.isFinite(figure) ? number(figure) + unit : "never";
        return new Claim(statement, "at most " + number(bound) + unit, seen, figure <= bound);
    }

    /** That a share, from 0 to 1, is as large as it has to be. */
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
