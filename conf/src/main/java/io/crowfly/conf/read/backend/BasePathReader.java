package io.crowfly.conf.read.backend;

import io.crowfly.conf.read.field.Field;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reader of {@code backends[].base-path}, the path that some clouds use instead of OpenAI's {@code /v1}. */
final class BasePathReader {

    /** Allowed form: one or more non-empty segments, with only characters that need no percent-encoding. */
    private static final Pattern FORM = Pattern.compile("(/[A-Za-z0-9._~:@-]+)+/?");

    private static final Pattern DOTS = Pattern.compile(".*/\\.{1,2}(/.*)?");

    private BasePathReader() {}

    /**
     * Returns the path without a slash at its end. For {@code /} the result is empty, so that API paths follow the URL
     * directly.
     */
    static Optional<String> read(Field field) {
        Optional<String> text = field.text();
        if (text.isEmpty() || text.get().equals("/")) {
            return text.map(slash -> "");
        }
        if (!FORM.matcher(text.get()).matches() || DOTS.matcher(text.get()).matches()) {
            field.problem(
                    field.quoted() + " is not a valid base path",
                    "start it with `/`, without a query, empty segments, or `.` and `..` segments");
            return Optional.empty();
        }
        return text.map(path -> path.replaceFirst("/$", ""));
    }
}
