package io.crowfly.conf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code backends[].models}. */
final class ModelsReader {

    private ModelsReader() {}

    static Map<String, String> read(Field field) {
        if (field.isEmptyMapping()) {
            field.problem("`models` names no model", "name one, or remove `models` to serve every model");
        }
        List<Field> entries = field.entries();
        Map<String, String> models = new LinkedHashMap<>();
        for (Field entry : entries) {
            if (!entry.hasTextKey() || entry.name().isBlank()) {
                entry.keyProblem("the name of a model must be text", "put it in quotes");
                continue;
            }
            entry.text().ifPresent(ours -> {
                if (!ours.equals(entry.name())) {
                    entry.problem(
                            "renaming a model (" + entry.quotedName() + " to " + entry.quoted() + ") is not built yet",
                            "write the same name on both sides, and ask for the model by it");
                } else {
                    models.put(entry.name(), ours);
                }
            });
        }
        return models;
    }
}
