package io.crowfly.bench;

/**
 * Selects between short and long runs of benchmarks in tests. {@code mvn verify} makes the short runs; CI makes the
 * long runs too, with {@code -P long-runs}.
 */
public final class LongRuns {

    public static final boolean SELECTED = Boolean.getBoolean("crowfly.long-runs");

    private LongRuns() {}

    /** Returns the value for the selected runs. */
    public static <T> T choose(T inShortRuns, T inLongRuns) {
        return SELECTED ? inLongRuns : inShortRuns;
    }
}
