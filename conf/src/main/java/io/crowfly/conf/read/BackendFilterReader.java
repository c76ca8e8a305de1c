package io.crowfly.conf.read;

import io.crowfly.conf.Backend;
import io.crowfly.conf.BackendFilter;
import io.crowfly.conf.read.backend.ProviderReader;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.LabelsReader;
import io.crowfly.conf.read.field.NameReader;
import io.crowfly.conf.read.field.Section;
import io.crowfly.conf.read.field.SectionFields;
import io.crowfly.conf.read.field.Spelling;
import io.crowfly.conf.value.Glob;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reader of {@code routing.rules[].only}, which checks the rule against the backends. A rule that allows no backend is
 * a problem, because otherwise the mistake would have no effect until a request matches the rule.
 */
final class BackendFilterReader {

    private final List<Backend> backends;

    /**
     * @param backends empty if a backend has a problem; then names and labels are not checked against the backends,
     *     because a reported problem could be a mere consequence
     */
    BackendFilterReader(List<Backend> backends) {
        this.backends = backends;
    }

    /**
     * Reads the condition {@code only} of one rule.
     *
     * @param rule name of the rule, for messages
     * @param model model pattern of the rule's {@code when}
     */
    BackendFilter read(Field field, String rule, Optional<Glob> model) {
        int problems = field.reading().problems().count();
        SectionFields fields = field.fields(Section.ONLY);
        if (field.isEmptyMapping()) {
            field.problem("`only` has no condition", "add `labels: {zone: eu}`, for example");
        }
        BackendFilter only = new BackendFilter(
                fields.find("provider").flatMap(ProviderReader::label),
                fields.find("region").flatMap(this::region),
                fields.find("labels")
                        .map(f -> LabelsReader.read(f, this::checkLabel))
                        .orElse(Map.of()),
                fields.find("backends").map(this::names).orElse(Set.of()));
        if (field.reading().problems().count() == problems && !backends.isEmpty()) {
            checkThatABackendRemains(field, rule, only, model);
        }
        return only;
    }

    private void checkThatABackendRemains(Field field, String rule, BackendFilter only, Optional<Glob> model) {
        List<Backend> allowed = backends.stream().filter(only::allows).toList();
        if (allowed.isEmpty()) {
            field.problem(
                    "rule `" + rule + "` allows no backend",
                    "remove a condition from `only`, or change a backend so that it matches");
            return;
        }
        // Only exact names are checked, because a pattern may match names that no backend lists. A name that no backend
        // lists is not reported here.
        model.filter(Glob::isExact).map(Glob::pattern).ifPresent(name -> {
            List<String> serving = backends.stream()
                    .filter(backend -> !backend.servesEveryModel() && backend.serves(name))
                    .map(Backend::name)
                    .toList();
            if (!serving.isEmpty() && allowed.stream().noneMatch(backend -> backend.serves(name))) {
                field.problem(
                        "rule `" + rule + "` allows no backend that serves model `" + name + "`",
                        "allow one that does: " + String.join(", ", serving));
            }
        });
    }

    private Optional<String> region(Field field) {
        Optional<String> region = NameReader.read(field);
        region.ifPresent(given -> check(
                field,
                given,
                distinctValues(backend -> Stream.of(backend.region()).filter(known -> !known.isEmpty())),
                "no backend is in region " + field.quoted(),
                "set this `region` at a backend"));
        return region;
    }

    private Set<String> names(Field field) {
        Set<String> names = new HashSet<>();
        for (Field item : field.items()) {
            BackendNameReader.read(item, backends).ifPresent(names::add);
        }
        return names;
    }

    private void checkLabel(Field entry, String value) {
        Set<String> keys = distinctValues(backend -> backend.labels().keySet().stream());
        if (keys.contains(entry.name())) {
            check(
                    entry,
                    value,
                    distinctValues(backend -> Stream.ofNullable(backend.labels().get(entry.name()))),
                    "no backend has the value " + entry.quoted() + " for label " + entry.quotedName(),
                    "set it at a backend");
        } else if (!backends.isEmpty()) {
            entry.keyProblem(
                    "no backend has a label " + entry.quotedName(),
                    Spelling.mend(entry.name(), keys, "add it to a backend: `labels: {…}` under `backends`"));
        }
    }

    private void check(Field field, String given, Set<String> known, String what, String mendWithoutAny) {
        if (!backends.isEmpty() && !known.contains(given)) {
            field.problem(what, Spelling.mend(given, known, mendWithoutAny));
        }
    }

    private Set<String> distinctValues(Function<Backend, Stream<String>> values) {
        return backends.stream().flatMap(values).collect(Collectors.toCollection(TreeSet::new));
    }
}
