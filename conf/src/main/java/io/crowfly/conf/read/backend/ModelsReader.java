package io.crowfly.conf.read.backend;

import io.crowfly.conf.Models;
import io.crowfly.conf.read.field.Field;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** {@code backends[].models}: the clients' names of models, each with the backend's own; or a list of names that are both. */
final class ModelsReader {

    /** Bytes. The longest in use, publisher and version included, have some 80. */
    private static final int MAX_NAME_BYTES = 256;

    private static final char ANY = '*';

    private final Map<String, String> names = new LinkedHashMap<>();

    private ModelsReader() {}

    static Models read(Field field) {
        ModelsReader reader = new ModelsReader();
        if (field.isList()) {
            field.items().forEach(reader::item);
        } else {
            if (field.isEmptyMapping()) {
                field.problem("`models` names no model", "name one, or remove `models` to serve every model");
            }
            field.entries().forEach(reader::entry);
        }
        return new Models(reader.names);
    }

    private void entry(Field entry) {
        if (!entry.hasTextKey() || entry.name().isBlank()) {
            entry.keyProblem("the name of a model must be text", "put it in quotes");
            return;
        }
        Optional<String> defect = findDefect(entry.name());
        int star = entry.name().indexOf(ANY);
        if (defect.isPresent()) {
            entry.keyProblem("the name of a model " + defect.get(), "write it as clients do");
        } else if (star >= 0 && star < entry.name().length() - 1) {
            entry.keyProblem(
                    "`*` is not at the end of " + entry.quotedName(),
                    "write a name, or the beginning of names and `*`");
        } else {
            readBackendName(entry, "write the name of one model of the backend")
                    .ifPresent(backendName -> names.put(entry.name(), backendName));
        }
    }

    private void item(Field item) {
        readBackendName(
                        item,
                        "write `models: {" + item.quoted().replace("`", "") + ": NAME}`, with the backend's name of it")
                .ifPresent(name -> {
                    if (names.putIfAbsent(name, name) != null) {
                        item.problem("model " + item.quoted() + " was given before", "remove one of them");
                    }
                });
    }

    private static Optional<String> readBackendName(Field field, String mendOfStar) {
        Optional<String> backendName = field.text();
        Optional<String> defect = backendName.flatMap(ModelsReader::findDefect);
        if (defect.isPresent()) {
            field.problem("a model's name " + defect.get(), "write the backend's own");
            return Optional.empty();
        } else if (backendName.isPresent() && backendName.get().indexOf(ANY) >= 0) {
            field.problem("the backend's own name of a model holds `*`: " + field.quoted(), mendOfStar);
            return Optional.empty();
        }
        return backendName;
    }

    private static Optional<String> findDefect(String name) {
        if (name.chars().anyMatch(Character::isISOControl)) {
            return Optional.of("holds a control character");
        }
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        return bytes > MAX_NAME_BYTES
                ? Optional.of("has " + bytes + " bytes, and " + MAX_NAME_BYTES + " are allowed")
                : Optional.empty();
    }
}
