package io.crowfly.conf.read;

import io.crowfly.conf.Backend;
import io.crowfly.conf.BackendFilter;
import io.crowfly.conf.RequestCondition;
import io.crowfly.conf.Rule;
import io.crowfly.conf.key.RoutingKeys;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.NameReader;
import io.crowfly.conf.read.field.QuantityReader;
import io.crowfly.conf.read.field.Section;
import io.crowfly.conf.read.field.SectionFields;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reader of the list {@code routing.rules}, in the file's order. */
final class RulesReader {

    private static final RequestCondition EVERY_REQUEST =
            new RequestCondition(Optional.empty(), Optional.empty(), Map.of());

    private final BackendFilterReader onlyReader;
    private final NameReader names = new NameReader();

    /** @param backends the valid backends; empty if a backend has a problem */
    RulesReader(List<Backend> backends) {
        onlyReader = new BackendFilterReader(backends);
    }

    List<Rule> read(Field rules) {
        return rules.items().stream().map(this::rule).flatMap(Optional::stream).toList();
    }

    private Optional<Rule> rule(Field field) {
        SectionFields fields = field.fields(Section.RULE);
        String name = fields.find("name").flatMap(names::readUnique).orElse(field.name());
        Optional<Field> when = fields.find("when").filter(f -> !f.isEmptyMapping());
        Optional<Field> share = fields.find("share");
        if (when.isEmpty() && share.isEmpty() && field.mayHaveEntries()) {
            field.problem(
                    "rule `" + name + "` has neither `when` nor `share`",
                    "add `when: {path: /*}` if the rule applies to every request");
        }
        RequestCondition condition = when.map(RequestConditionReader::read).orElse(EVERY_REQUEST);
        double shareOfRequests =
                share.flatMap(f -> QuantityReader.share(f, RoutingKeys.PART)).orElse(1.0);
        Optional<Field> refuse = fields.find("refuse");
        if (refuse.flatMap(Field::flag).orElse(false)) {
            fields.find("only")
                    .ifPresent(only ->
                            only.keyProblem("rule `" + name + "` has `only` and `refuse`", "remove one of them"));
            return Optional.of(new Rule(name, condition, BackendFilter.NOTHING, shareOfRequests));
        }
        return fields.require("only", "add `only: {labels: {zone: eu}}`, for example, or `refuse: true`")
                .map(f -> onlyReader.read(f, name, condition.model()))
                .map(only -> new Rule(name, condition, only, shareOfRequests));
    }
}
