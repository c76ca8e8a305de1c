package io.crowfly.conf;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations and sizes as the conf file writes them: a whole number and its unit, without a space. */
public final class Quantity {

    /** Twelve digits hold every quantity allowed, and no multiplication below overflows. */
    private static final Pattern FORM = Pattern.compile("(\\d{1,12})([A-Za-z]+)");

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
