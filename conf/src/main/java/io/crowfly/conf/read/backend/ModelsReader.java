package io.crowfly.conf.read.backend;

import io.crowfly.conf.Models;
import io.crowfly.conf.read.field.Field;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reader of {@code backends[].models}: a mapping from the client's names to the backend's names, or a list of names
 * that are the same on both sides.
 */
final class ModelsReader {

    /**
     * Maximum length of a model's name, in bytes. The longest names in use, with publisher and version, have about 80
     * bytes.
     */
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
                field.problem("`models` is empty", "add a model, or remove `models` to serve every model");
            }
            field.entriesInsteadOfList(
                            "write [gpt-4o] if the names are the same on both sides, or {gpt-4o: gpt-4o-weu}")
                    .forEach(reader::entry);
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
            entry.keyProblem("the name of a model " + defect.get(), "write the name that clients send");
        } else if (star >= 0 && star < entry.name().length() - 1) {
            entry.keyProblem(
                    "`*` is not at the end of " + entry.quotedName(), "write an exact name, or a prefix and `*`");
        } else {
            readBackendName(entry, "write an exact name")
                    .ifPresent(backendName -> names.put(entry.name(), backendName));
        }
    }

    private void item(Field item) {
        readBackendName(item, "write `models: {" + item.quoted().replace("`", "") + ": NAME}`, with the backend's name")
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
            field.problem("the backend's name of a model " + defect.get(), "write the name that the backend serves");
            return Optional.empty();
        } else if (backendName.isPresent() && backendName.get().indexOf(ANY) >= 0) {
            field.problem("the backend's name of a model contains `*`: " + field.quoted(), mendOfStar);
            return Optional.empty();
        }
        return backendName;
    }

    private static Optional<String> findDefect(String name) {
        if (name.chars().anyMatch(Character::isISOControl)) {
            return Optional.of("contains a control character");
        }
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        return bytes > MAX_NAME_BYTES
                ? Optional.of("has " + bytes + " bytes, but only " + MAX_NAME_BYTES + " are allowed")
                : Optional.empty();
    }
}
