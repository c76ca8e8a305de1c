package io.crowfly.conf;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** The values of one mapping by their keys, once every key that does not belong there has been told as a problem. */
final class Fields {

    private final Section section;
    private final Field mapping;
    private final Map<String, Field> known = new LinkedHashMap<>();

    Fields(Section section, Field mapping) {
        this.section = section;
        this.mapping = mapping;
        mapping.entries().forEach(this::sort);
    }

    private void sort(Field entry) {
        if (section.keys().contains(entry.name())) {
            known.put(entry.name(), entry);
            return;
        }
        Optional<String> mend = section.mendOfNotBuilt(entry.name());
        if (mend.isPresent()) {
            entry.keyProblem("`" + entry.name() + "` is not built yet", mend.get());
        } else {
            // Where a credential is written, a wrong key may be the secret itself.
            String key = section == Section.CREDENTIAL ? "unknown key" : "unknown key " + entry.quotedName();
            entry.keyProblem(key + " " + section.where(), section.mendOfUnknown(entry.name()));
        }
    }

    Optional<Field> find(String key) {
        if (!section.keys().contains(key)) {
            throw new IllegalArgumentException(section + " has no key " + key);
        }
        return Optional.ofNullable(known.get(key));
    }

    /** As {@link #find}, but its absence is a problem. */
    Optional<Field> require(String key, String mend) {
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
