package io.crowfly.balancer.content;

import io.crowfly.balancer.content.BodyScanner.ModelField;
import java.util.Optional;

/** Which model a body names, and where; of several the first. Offsets count from the body's first byte. */
final class NamedModel {

    private ModelField field = ModelField.ABSENT;
    private Optional<String> name = Optional.empty();
    private long start = -1;
    private long end = -1;
    private boolean begun;
    private boolean duplicate;

    /** A field for the model begins. @return whether it is the first, and its value wanted */
    boolean begin() {
        duplicate |= begun;
        boolean first = !begun;
        begun = true;
        return first;
    }

    /**
     * Its value is a string.
     *
     * @param from offset of all that has to give way to another name
     * @param to offset after it
     */
    void is(DecodedText text, long from, long to) {
        if (text.tooLong()) {
            field = ModelField.TOO_LONG;
            return;
        }
        String decoded = text.toString();
        if (hasControlCharacters(decoded)) {
            field = ModelField.NOT_A_NAME;
            return;
        }
        boolean blank = decoded.isBlank();
        field = blank ? ModelField.BLANK : ModelField.NAME;
        name = blank ? Optional.empty() : Optional.of(decoded);
        start = from;
        end = to;
    }

    void isNotAString() {
        field = ModelField.NOT_A_STRING;
    }

    void isMisspelt() {
        field = ModelField.MISSPELT;
    }

    ModelField field() {
        return field;
    }

    Optional<String> name() {
        return name;
    }

    boolean duplicate() {
        return duplicate;
    }

    /** -1 while none is {@linkplain BodyScanner#modelKnown() known}. */
    long start() {
        return start;
    }

    /** -1 while none is {@linkplain BodyScanner#modelKnown() known}. */
    long end() {
        return end;
    }

    private static boolean hasControlCharacters(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }
}
