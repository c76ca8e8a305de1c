package io.crowfly.balancer.differential;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A parser of forms, as a server uses it. */
interface FormReader {

    /** A field or a file, whose content a server may use as the field's value. */
    record Field(String name, String value) {

        /** Returns whether a server may use the field as the model: some ignore case or spaces, or read an array. */
        boolean isModel() {
            String lower = name.strip().toLowerCase(Locale.ROOT);
            return lower.equals("model") || lower.startsWith("model[");
        }
    }

    /** @return all fields in the order of the form; empty if the parser refuses the form */
    Optional<List<Field>> read(Form form);

    /** Returns the values of all fields that a server may use as the model. */
    static List<String> models(List<Field> fields) {
        return fields.stream().filter(Field::isModel).map(Field::value).toList();
    }

    /** @return empty if the parser refuses the form */
    default Optional<List<String>> models(Form form) {
        return read(form).map(FormReader::models);
    }
}
