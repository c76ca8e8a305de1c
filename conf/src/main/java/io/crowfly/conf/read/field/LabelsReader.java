package io.crowfly.conf.read.field;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** Reader of {@code labels} of a backend or a rule: a mapping from label names to values. Both must be valid names. */
public final class LabelsReader {

    private LabelsReader() {}

    public static Map<String, String> read(Field field) {
        return read(field, (entry, value) -> {});
    }

    /**
     * Reads the labels.
     *
     * @param check called with every valid label; reports further problems
     */
    public static Map<String, String> read(Field field, BiConsumer<Field, String> check) {
        if (field.isEmptyMapping()) {
            field.problem("`labels` is empty", "add `zone: eu`, for example, or remove it");
        }
        Map<String, String> labels = new HashMap<>();
        for (Field entry : field.entries()) {
            if (!entry.hasTextKey()) {
                entry.keyProblem("the name of a label must be text", "put it in quotes");
            } else if (!NameReader.isName(entry.name())) {
                entry.keyProblem(entry.quotedName() + " is not a valid name of a label", NameReader.FORM_DESCRIPTION);
            } else {
                NameReader.read(entry).ifPresent(value -> {
                    labels.put(entry.name(), value);
                    check.accept(entry, value);
                });
            }
        }
        return labels;
    }
}
