package io.crowfly.conf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code backends[].models}. */
final class ModelsReader {

    private ModelsReader() {}

    static Models read(Field field) {
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
            entry.text().ifPresent(ours -> models.put(entry.name(), ours));
        }
        return new Models(models);
    }
}
