package io.crowfly.conf.read.field;

import io.crowfly.conf.key.ValueType;
import io.crowfly.conf.value.Quantity;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reader of durations, sizes and percentages in the conf. A method returns empty after it has reported a problem. */
public final class QuantityReader {

    /** Maximum of most durations. Long enough for every useful interval, and short enough for nanoseconds in a long. */
    private static final Duration MAX_DURATION = Duration.ofHours(24);

    private QuantityReader() {}

    /** Returns a duration of more than zero and at most 24 hours. */
    public static Optional<Duration> duration(Field field) {
        return duration(field, "write a whole number and ms, s, m or h: 800ms, 1s, 5m, 1h", "24h", MAX_DURATION);
    }

    /** Returns a duration of at most 24 hours; zero means never. */
    public static Optional<Duration> durationOrNever(Field field) {
        Optional<Duration> zero = Quantity.duration(field.rawText()).filter(Duration::isZero);
        return zero.isPresent() ? zero : durationOr(field, "0s for never");
    }

    /** Returns a duration of more than zero and at most 366 days. */
    public static Optional<Duration> days(Field field) {
        return duration(field, "write a whole number and s, m, h or d: 12h, 30d", "366d", Duration.ofDays(366));
    }

    /**
     * Returns a duration of more than zero and at most 24 hours.
     *
     * @param other what the conf allows instead of a duration; for messages only, because the caller reads the other
     *     value
     */
    public static Optional<Duration> durationOr(Field field, String other) {
        return duration(
                field, "write " + other + ", or a whole number and ms, s, m or h: 50ms, 1s", "24h", MAX_DURATION);
    }

    private static Optional<Duration> duration(Field field, String allowed, String atMost, Duration longest) {
        if (field.isScalar(Tag.INT) || field.isScalar(Tag.FLOAT)) {
            field.problem(field.quotedName() + " is not a duration with a unit: " + field.quoted(), allowed);
            return Optional.empty();
        }
        Optional<String> text = field.text();
        Optional<Duration> duration = text.flatMap(Quantity::duration);
        if (text.isPresent() && duration.isEmpty()) {
            reportMalformed(
                    field, "duration", spaceless -> Quantity.duration(spaceless).isPresent(), allowed);
        } else if (duration.isPresent() && duration.get().isZero()) {
            field.problem(field.quotedName() + " must be more than zero", allowed);
            return Optional.empty();
        } else if (duration.isPresent() && duration.get().compareTo(longest) > 0) {
            field.problem(field.quotedName() + " is too long: " + field.quoted(), "write " + atMost + " or less");
            return Optional.empty();
        }
        return duration;
    }

    /** Returns a size in bytes. */
    public static Optional<Long> size(Field field, ValueType.Size range) {
        String allowed = "write a whole number and B, KiB, MiB or GiB, from " + Quantity.size(range.min()) + " to "
                + Quantity.size(range.max()) + " (KB and MB are not supported)";
        if (field.isScalar(Tag.INT) || field.isScalar(Tag.FLOAT)) {
            field.problem(field.quotedName() + " is not a size with a unit: " + field.quoted(), allowed);
            return Optional.empty();
        }
        Optional<String> text = field.text();
        Optional<Long> size = text.flatMap(Quantity::size);
        if (text.isPresent() && size.isEmpty()) {
            reportMalformed(field, "size", spaceless -> Quantity.size(spaceless).isPresent(), allowed);
        } else if (size.isPresent() && (size.get() < range.min() || size.get() > range.max())) {
            field.problem(field.quotedName() + " is out of range: " + field.quoted(), allowed);
            return Optional.empty();
        }
        return size;
    }

    /** Returns a share of 1. The conf contains it as a percentage. */
    public static Optional<Double> share(Field field, ValueType.Share range) {
        String allowed =
                "write a percentage from " + Quantity.share(range.min()) + " to " + Quantity.share(range.max());
        if (field.isScalar(Tag.INT) || field.isScalar(Tag.FLOAT)) {
            field.problem(field.quotedName() + " is a share without `%`: " + field.quoted(), allowed);
            return Optional.empty();
        }
        Optional<String> text = field.text();
        Optional<Double> share = text.flatMap(Quantity::share);
        if (text.isPresent() && share.isEmpty()) {
            reportMalformed(
                    field, "percentage", spaceless -> Quantity.share(spaceless).isPresent(), allowed);
        } else if (share.isPresent() && (share.get() < range.min() || share.get() > range.max())) {
            field.problem(field.quotedName() + " is out of range: " + field.quoted(), allowed);
            return Optional.empty();
        }
        return share;
    }

    public static boolean isPercentage(Field field) {
        return field.rawText().endsWith("%");
    }

    private static void reportMalformed(Field field, String quantity, Predicate<String> isValid, String allowed) {
        String spaceless = field.rawText().replace(" ", "");
        if (isValid.test(spaceless)) {
            field.problem(
                    field.quotedName() + " contains a space: " + field.quoted(), "write " + Field.quote(spaceless));
        } else {
            field.problem(field.quotedName() + " is not a " + quantity + ": " + field.quoted(), allowed);
        }
    }
}
