package io.crowfly.conf.read;

import io.crowfly.conf.RequestCondition;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.HeaderNameRules;
import io.crowfly.conf.read.field.Section;
import io.crowfly.conf.read.field.SectionFields;
import io.crowfly.conf.value.Glob;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reader of {@code routing.rules[].when}, the condition that a rule places on requests. */
final class RequestConditionReader {

    private RequestConditionReader() {}

    static RequestCondition read(Field field) {
        SectionFields fields = field.fields(Section.WHEN);
        return new RequestCondition(
                fields.find("path").flatMap(RequestConditionReader::path),
                fields.find("model").flatMap(Field::text).map(Glob::new),
                fields.find("header").map(RequestConditionReader::headers).orElse(Map.of()));
    }

    private static Optional<Glob> path(Field field) {
        Optional<String> text = field.text();
        if (text.isPresent() && !text.get().startsWith("/") && !text.get().startsWith("*")) {
            field.problem(field.quoted() + " can't match a path", "start it with `/` or `*`");
            return Optional.empty();
        }
        if (text.isPresent() && !text.get().chars().allMatch(c -> c > ' ' && c < 0x7f && c != '#' && c != '?')) {
            field.problem(field.quoted() + " is not a path", "remove the query, and percent-encode special characters");
            return Optional.empty();
        }
        return text.map(Glob::new);
    }

    private static Map<String, Glob> headers(Field field) {
        if (field.isEmptyMapping()) {
            field.problem("`header` is empty", "add `x-data-zone: eu`, for example, or remove it");
        }
        Map<String, Glob> headers = new HashMap<>();
        for (Field entry : field.entries()) {
            String name = entry.name().toLowerCase(Locale.ROOT);
            if (!HeaderNameRules.TOKEN.matcher(name).matches()) {
                entry.keyProblem(
                        entry.quotedName() + " is not a valid name of a header", "write x-data-zone, for example");
            } else if (HeaderNameRules.isSecret(name)) {
                // The admin interface shows the conf in force, and a value of this header in the conf would be visible
                // there.
                entry.keyProblem("header " + entry.quotedName() + " may hold a secret", "use another header");
            } else if (headers.containsKey(name)) {
                entry.keyProblem("header " + entry.quotedName() + " was given before", "remove one of them");
            } else {
                entry.text().ifPresent(value -> headers.put(name, new Glob(value)));
            }
        }
        return headers;
    }
}
