package io.crowfly.conf;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations, sizes and shares as the conf file writes them: a number and its unit, without a space. */
public final class Quantity {

    /** Twelve digits hold every quantity allowed, and no multiplication below overflows. */
    private static final Pattern FORM = Pattern.compile("(\\d{1,12})([A-Za-z]+)");

    /** Six decimals are more than anybody's traffic can tell apart. */
    private static final Pattern PERCENTAGE = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,6})?)%");

    private Quantity() {}

    /** Empty if it is not written as a duration. */
    static Optional<Duration> duration(String text) {
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

    /** Bytes; empty if it is not written as a size. Powers of 1000 (KB, MB) are left out: half of those who write them mean 1024. */
    static Optional<Long> size(String text) {
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
        // A count that the shift would push out of a long is beyond every limit, whatever it was.
        return shift < 0
                ? Optional.empty()
                : Optional.of(count > Long.MAX_VALUE >> shift ? Long.MAX_VALUE : count << shift);
    }

    /** 0.05 for {@code 5%}; empty if it is not written as a percentage. */
    static Optional<Double> share(String text) {
        Matcher form = PERCENTAGE.matcher(text);
        return form.matches()
                ? Optional.of(new BigDecimal(form.group(1)).movePointLeft(2).doubleValue())
                : Optional.empty();
    }

    /** The share as a percentage that the conf file takes. */
    public static String share(double share) {
        return BigDecimal.valueOf(share).movePointRight(2).stripTrailingZeros().toPlainString() + "%";
    }

    /** The shortest way to write so many bytes that the conf file takes. */
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
