package io.crowfly.conf.read;

import io.crowfly.conf.Backend;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.NameReader;
import io.crowfly.conf.read.field.Spelling;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Reader of a backend's name in other sections of the conf, which reports names that no backend has. */
final class BackendNameReader {

    private BackendNameReader() {}

    /**
     * Reads one name.
     *
     * @param backends empty if a backend has a problem; then an unknown name is not reported
     */
    static Optional<String> read(Field field, List<Backend> backends) {
        Optional<String> given = NameReader.read(field);
        TreeSet<String> known =
                new TreeSet<>(backends.stream().map(Backend::name).toList());
        if (given.isPresent() && !known.isEmpty() && !known.contains(given.get())) {
            field.problem("no backend is named " + field.quoted(), Spelling.mend(given.get(), known, "remove it"));
            return Optional.empty();
        }
        return given;
    }

    /** Reads a list of names. Reports a name that appears twice. */
    static List<String> readAll(Field field, List<Backend> backends) {
        List<String> names = new ArrayList<>();
        for (Field item : field.items()) {
            read(item, backends).ifPresent(name -> {
                if (names.contains(name)) {
                    item.problem("backend " + item.quoted() + " was given before", "remove one of them");
                } else {
                    names.add(name);
                }
            });
        }
        return names;
    }
}
