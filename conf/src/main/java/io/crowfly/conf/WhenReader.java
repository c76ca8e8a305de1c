package io.crowfly.conf;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code routing.rules[].when}. */
final class WhenReader {

    private WhenReader() {}

    static When read(Field field) {
        Fields fields = field.fields(Section.WHEN);
        return new When(
                fields.find("path").flatMap(WhenReader::path),
                fields.find("model").flatMap(Field::text).map(Glob::new),
                fields.find("header").map(WhenReader::headers).orElse(Map.of()));
    }

    private static Optional<Glob> path(Field field) {
        Optional<String> text = field.text();
        if (text.isPresent() && !text.get().startsWith("/") && !text.get().startsWith("*")) {
            field.problem("no path is like " + field.quoted(), "start it with `/` or `*`");
            return Optional.empty();
        }
        if (text.isPresent() && !text.get().chars().allMatch(c -> c > ' ' && c < 0x7f && c != '#' && c != '?')) {
            field.problem(
                    field.quoted() + " is not a path", "leave the query away, and percent-encode what is not plain");
            return Optional.empty();
        }
        return text.map(Glob::new);
    }

    private static Map<String, Glob> headers(Field field) {
        if (field.isEmptyMapping()) {
            field.problem("`header` names no header", "add `x-data-zone: eu`, for example, or remove it");
        }
        Map<String, Glob> headers = new HashMap<>();
        for (Field entry : field.entries()) {
            String name = entry.name().toLowerCase(Locale.ROOT);
            if (!HeaderNames.TOKEN.matcher(name).matches()) {
                entry.keyProblem(
                        entry.quotedName() + " can't be the name of a header", "write x-data-zone, for example");
            } else if (HeaderNames.isSecret(name)) {
                // The conf in force is shown to whoever may look, these values are for nobody.
                entry.keyProblem("header " + entry.quotedName() + " holds a secret", "choose by another header");
            } else if (headers.containsKey(name)) {
                entry.keyProblem("header " + entry.quotedName() + " was given before", "remove one of them");
            } else {
                entry.text().ifPresent(value -> headers.put(name, new Glob(value)));
            }
        }
        return headers;
    }
}
