package io.crowfly.conf.read.field;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reader of names that operators choose, which reports invalid and repeated names. Names appear in labels of metrics,
 * values of headers and log lines, so only characters that need no quotes there are allowed.
 */
public final class NameReader {

    static final String FORM_DESCRIPTION =
            "use up to 63 letters, digits, `.`, `_` and `-`, the first one a letter or digit";

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    private final Map<String, Place> firstPlaces = new HashMap<>();

    static boolean isName(String text) {
        return FORM.matcher(text).matches();
    }

    /** Returns a name that need not be unique. */
    public static Optional<String> read(Field field) {
        Optional<String> text = field.text();
        if (text.isPresent() && !isName(text.get())) {
            field.problem(field.quoted() + " is not a valid name", FORM_DESCRIPTION);
            return Optional.empty();
        }
        return text;
    }

    /** Returns a name, and reports a name that this reader has read before. */
    public Optional<String> readUnique(Field field) {
        Optional<String> name = read(field);
        if (name.isPresent()) {
            Place place = field.place();
            Place first = firstPlaces.putIfAbsent(name.get(), place);
            if (first != null) {
                field.problem(
                        "the name " + field.quoted() + " is already used " + first.seenFrom(place), "choose another");
            }
        }
        return name;
    }
}
