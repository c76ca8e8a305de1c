package io.crowfly.conf.read.field;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** The fields of one section of the conf, by key. The constructor reports every unknown key. */
public final class SectionFields {

    private final Section section;
    private final Field mapping;
    private final Map<String, Field> known = new LinkedHashMap<>();

    SectionFields(Section section, Field mapping) {
        this.section = section;
        this.mapping = mapping;
        mapping.entries().forEach(this::addOrReport);
    }

    private void addOrReport(Field entry) {
        if (section.keys().contains(entry.name())) {
            known.put(entry.name(), entry);
            return;
        }
        String key = section.holdsSecrets() ? "unknown key" : "unknown key " + entry.quotedName();
        entry.keyProblem(key + " " + section.where(), section.mendUnknownKey(entry.name()));
    }

    public Optional<Field> find(String key) {
        if (!section.keys().contains(key)) {
            throw new IllegalArgumentException(section + " has no key " + key);
        }
        return Optional.ofNullable(known.get(key));
    }

    /**
     * Returns the field of a key. If the key is absent: a field with the value of the environment variable, if the
     * variable is set.
     */
    public Optional<Field> findOrVariable(String key, String variable) {
        return find(key).or(() -> mapping.fromVariable(variable));
    }

    /**
     * Returns a field with the value of an environment variable and the place of this section; empty if the variable is
     * not set.
     */
    public Optional<Field> variable(String variable) {
        return mapping.fromVariable(variable);
    }

    /**
     * Returns the field of a key. If the key is absent: a field with the value of the environment variable. Reports a
     * problem if both are missing.
     */
    public Optional<Field> requireOrVariable(String key, String variable) {
        Optional<Field> found = findOrVariable(key, variable);
        return found.isPresent() ? found : require(key, "add it, or set " + variable + " where Crowfly is started");
    }

    /**
     * Returns the field of a key, and reports a missing key.
     *
     * @param mend advice for the message
     */
    public Optional<Field> require(String key, String mend) {
        Optional<Field> found = find(key);
        if (found.isEmpty() && mapping.mayHaveEntries()) {
            mapping.problem("`" + key + "` is missing " + where(), mend);
        }
        return found;
    }

    /** Returns the place for a message: the name of this item, or the section if it has no name. */
    private String where() {
        return Optional.ofNullable(known.get("name"))
                .filter(name -> name.value() instanceof ScalarNode && !name.isEmptyMapping())
                .flatMap(name -> section.where(name.quoted()))
                .orElse(section.where());
    }
}
