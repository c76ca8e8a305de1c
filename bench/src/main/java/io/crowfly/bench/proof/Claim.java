package io.crowfly.bench.proof;

/** Something that a run is to show, what that takes, and what was seen. */
public record Claim(String what, String required, String seen, boolean held) {

    /** That a count is zero. */
    public static Claim none(String what, long count) {
        return new Claim(what, "0", Long.toString(count), count == 0);
    }

    /** That a count is as high as it has to be. */
    public static Claim all(String what, long required, long count) {
        return new Claim(what, Long.toString(required), Long.toString(count), count == required);
    }

    /** That a figure stays within a bound. */
    public static Claim atMost(String what, long bound, long figure, String unit) {
        return new Claim(what, "at most " + bound + unit, figure + unit, figure <= bound);
    }
}
