package io.crowfly.conf.read.field;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** The values of one mapping by their keys, once every key that does not belong there has been told as a problem. */
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

    /** As {@link #find}; where the file says nothing, what the variable says, if there is such a one. */
    public Optional<Field> findOrVariable(String key, String variable) {
        return find(key).or(() -> mapping.fromVariable(variable));
    }

    /** What a variable says, as if it stood in this mapping; empty if there is no such variable. */
    public Optional<Field> variable(String variable) {
        return mapping.fromVariable(variable);
    }

    /** As {@link #findOrVariable}, but its absence is a problem. */
    public Optional<Field> requireOrVariable(String key, String variable) {
        Optional<Field> found = findOrVariable(key, variable);
        return found.isPresent() ? found : require(key, "add it, or start Crowfly where " + variable + " is set");
    }

    /** As {@link #find}, but its absence is a problem. */
    public Optional<Field> require(String key, String mend) {
        Optional<Field> found = find(key);
        if (found.isEmpty() && mapping.mayHaveEntries()) {
            mapping.problem("`" + key + "` is missing " + where(), mend);
        }
        return found;
    }

    /** An operator knows a backend by its name; where it has none yet, by its place in the file. */
    private String where() {
        return Optional.ofNullable(known.get("name"))
                .filter(name -> name.value() instanceof ScalarNode && !name.isEmptyMapping())
                .flatMap(name -> section.where(name.quoted()))
                .orElse(section.where());
    }
}
