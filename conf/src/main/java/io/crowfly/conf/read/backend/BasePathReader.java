package io.crowfly.conf.read.backend;

import io.crowfly.conf.read.field.Field;
import java.util.Optional;
import java.util.regex.Pattern;

/** {@code backends[].base-path}: what some clouds have where OpenAI has {@code /v1}. */
final class BasePathReader {

    /** Segments, none of them empty, of what needs no percent-encoding. */
    private static final Pattern FORM = Pattern.compile("(/[A-Za-z0-9._~:@-]+)+/?");

    private static final Pattern DOTS = Pattern.compile(".*/\\.{1,2}(/.*)?");

    private BasePathReader() {}

    /** Without a slash at its end; for {@code /} alone it is empty: then the paths of the API begin at the url's. */
    static Optional<String> read(Field field) {
        Optional<String> text = field.text();
        if (text.isEmpty() || text.get().equals("/")) {
            return text.map(slash -> "");
        }
        if (!FORM.matcher(text.get()).matches() || DOTS.matcher(text.get()).matches()) {
            field.problem(
                    field.quoted() + " can't be a base path",
                    "start it with `/`, and write it plain: without a query, and without empty or dotted segments");
            return Optional.empty();
        }
        return text.map(path -> path.replaceFirst("/$", ""));
    }
}
