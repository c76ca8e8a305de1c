package io.crowfly.conf.read.field;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** The values of one mapping by key. The constructor reports every unknown key. */
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

    /** As {@link #find}; without the key, the value of the environment variable, if it is set. */
    public Optional<Field> findOrVariable(String key, String variable) {
        return find(key).or(() -> mapping.fromVariable(variable));
    }

    /** Returns the value of an environment variable, at the place of this mapping; empty if it is not set. */
    public Optional<Field> variable(String variable) {
        return mapping.fromVariable(variable);
    }

    /** As {@link #findOrVariable}, but reports a missing value. */
    public Optional<Field> requireOrVariable(String key, String variable) {
        Optional<Field> found = findOrVariable(key, variable);
        return found.isPresent() ? found : require(key, "add it, or set " + variable + " where Crowfly is started");
    }

    /** As {@link #find}, but reports a missing key. */
    public Optional<Field> require(String key, String mend) {
        Optional<Field> found = find(key);
        if (found.isEmpty() && mapping.mayHaveEntries()) {
            mapping.problem("`" + key + "` is missing " + where(), mend);
        }
        return found;
    }

    /** Names an item by its name; without one, by its place in the file. */
    private String where() {
        return Optional.ofNullable(known.get("name"))
                .filter(name -> name.value() instanceof ScalarNode && !name.isEmptyMapping())
                .flatMap(name -> section.where(name.quoted()))
                .orElse(section.where());
    }
}
