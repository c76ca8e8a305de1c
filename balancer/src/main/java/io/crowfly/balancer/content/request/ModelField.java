package io.crowfly.balancer.content.request;

import io.crowfly.balancer.content.json.DecodedText;
import io.crowfly.balancer.content.request.BodyScanner.ModelValue;
import java.util.Optional;

/**
 * Model's name in a request body, with its position, as a scanner has read it. If the body contains several, the first
 * one is used. Offsets are counted from the body's first byte.
 */
final class ModelField {

    /** Stands for bytes and escapes that are not Unicode. */
    static final char REPLACEMENT = '\uFFFD';

    private ModelValue value = ModelValue.ABSENT;
    private Optional<String> name = Optional.empty();
    private long start = -1;
    private long end = -1;
    private boolean started;
    private boolean duplicate;

    /**
     * Starts a value of the model.
     *
     * @return whether the value is the first one, which must be read
     */
    boolean startValue() {
        duplicate |= started;
        boolean first = !started;
        started = true;
        return first;
    }

    /**
     * Records that the value is a string.
     *
     * @param from offset of the first byte that another name replaces
     * @param to offset after the last byte that another name replaces
     */
    void setString(DecodedText text, long from, long to) {
        if (text.tooLong()) {
            value = ModelValue.TOO_LONG;
            return;
        }
        String decoded = text.toString();
        if (!isText(decoded)) {
            value = ModelValue.NOT_A_NAME;
            return;
        }
        boolean blank = decoded.isBlank();
        value = blank ? ModelValue.BLANK : ModelValue.NAME;
        name = blank ? Optional.empty() : Optional.of(decoded);
        start = from;
        end = to;
    }

    void setNotAString() {
        value = ModelValue.NOT_A_STRING;
    }

    void setMisspelt() {
        value = ModelValue.MISSPELT;
    }

    ModelValue value() {
        return value;
    }

    Optional<String> name() {
        return name;
    }

    boolean duplicate() {
        return duplicate;
    }

    /**
     * Returns the offset of the first byte to replace; -1 while the model is not {@linkplain BodyScanner#modelKnown()
     * known}.
     */
    long start() {
        return start;
    }

    /**
     * Returns the offset after the last byte to replace; -1 while the model is not {@linkplain BodyScanner#modelKnown()
     * known}.
     */
    long end() {
        return end;
    }

    /** Returns whether the name has neither control characters nor the character that stands for invalid Unicode. */
    private static boolean isText(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (Character.isISOControl(name.charAt(i)) || name.charAt(i) == REPLACEMENT) {
                return false;
            }
        }
        return true;
    }
}
