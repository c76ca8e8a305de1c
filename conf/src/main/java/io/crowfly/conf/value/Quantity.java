package io.crowfly.conf.value;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parser and printer of durations, sizes and percentages in the syntax of the conf file: a number and its unit, without
 * a space.
 */
public final class Quantity {

    /**
     * Syntax of a duration or size. Twelve digits are enough for every allowed value, and a duration of twelve digits
     * in days does not overflow.
     */
    private static final Pattern FORM = Pattern.compile("(\\d{1,12})([A-Za-z]+)");

    /** Syntax of a percentage. Six decimals are more precise than any traffic can measure. */
    private static final Pattern PERCENTAGE = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,6})?)%");

    private Quantity() {}

    /** Returns the duration; empty if the text is not a duration. */
    public static Optional<Duration> duration(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        long count = Long.parseLong(form.group(1));
        return switch (form.group(2)) {
            case "ms" -> Optional.of(Duration.ofMillis(count));
            case "s" -> Optional.of(Duration.ofSeconds(count));
            case "m" -> Optional.of(Duration.ofMinutes(count));
            case "h" -> Optional.of(Duration.ofHours(count));
            case "d" -> Optional.of(Duration.ofDays(count));
            default -> Optional.empty();
        };
    }

    /**
     * Returns the size in bytes; empty if the text is not a size. KB and MB are refused, because they can mean powers
     * of 1000 or of 1024.
     */
    public static Optional<Long> size(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        long count = Long.parseLong(form.group(1));
        int shift =
                switch (form.group(2)) {
                    case "B" -> 0;
                    case "KiB" -> 10;
                    case "MiB" -> 20;
                    case "GiB" -> 30;
                    default -> -1;
                };
        // A size that would overflow a long becomes the largest long, because it is above every limit anyway.
        return shift < 0
                ? Optional.empty()
                : Optional.of(count > Long.MAX_VALUE >> shift ? Long.MAX_VALUE : count << shift);
    }

    /** Returns the share, for example 0.05 for {@code 5%}; empty if the text is not a percentage. */
    public static Optional<Double> share(String text) {
        Matcher form = PERCENTAGE.matcher(text);
        return form.matches()
                ? Optional.of(new BigDecimal(form.group(1)).movePointLeft(2).doubleValue())
                : Optional.empty();
    }

    /** Returns a share as a percentage in the syntax of the conf file, for example {@code 5%} for 0.05. */
    public static String share(double share) {
        return BigDecimal.valueOf(share).movePointRight(2).stripTrailingZeros().toPlainString() + "%";
    }

    /** Returns the size for messages: rounded down to whole MiB, if it is that large. */
    public static String roundedSize(long bytes) {
        return size(bytes < 1 << 20 ? bytes : bytes >> 20 << 20);
    }

    /**
     * Returns a size in the largest unit that divides it, in the syntax of the conf file, for example {@code 64MiB}.
     */
    public static String size(long bytes) {
        if (bytes >= 1 << 30 && bytes % (1 << 30) == 0) {
            return (bytes >> 30) + "GiB";
        } else if (bytes >= 1 << 20 && bytes % (1 << 20) == 0) {
            return (bytes >> 20) + "MiB";
        } else if (bytes >= 1 << 10 && bytes % (1 << 10) == 0) {
            return (bytes >> 10) + "KiB";
        }
        return bytes + "B";
    }
}
