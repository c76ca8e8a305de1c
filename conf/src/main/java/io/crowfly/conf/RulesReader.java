package io.crowfly.conf;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code routing.rules}. */
final class RulesReader {

    /** One request in ten thousand; a smaller share would not be seen in an hour of most services' traffic. */
    private static final double LEAST_SHARE = 0.0001;

    private static final When EVERY_REQUEST = new When(Optional.empty(), Optional.empty(), Map.of());

    private final OnlyReader onlyReader;
    private final Names names = new Names();

    /** @param backends those that the rules choose from; empty if they have problems of their own */
    RulesReader(List<Backend> backends) {
        onlyReader = new OnlyReader(backends);
    }

    List<Rule> read(Field rules) {
        return rules.items().stream().map(this::rule).flatMap(Optional::stream).toList();
    }

    private Optional<Rule> rule(Field field) {
        Fields fields = field.fields(Section.RULE);
        String name = fields.find("name").flatMap(names::readUnique).orElse(field.name());
        Optional<Field> when = fields.find("when").filter(f -> !f.isEmptyMapping());
        Optional<Field> share = fields.find("share");
        if (when.isEmpty() && share.isEmpty() && field.mayHaveEntries()) {
            field.problem(
                    "rule `" + name + "` says neither `when` nor `share`",
                    "add `when: {path: /*}` if it is for every request");
        }
        When matching = when.map(WhenReader::read).orElse(EVERY_REQUEST);
        double bound =
                share.flatMap(f -> QuantityReader.share(f, LEAST_SHARE, 1)).orElse(1.0);
        return fields.require("only", "add `only: {labels: {zone: eu}}`, for example")
                .map(f -> onlyReader.read(f, name, matching.model()))
                .map(only -> new Rule(name, matching, only, bound));
    }
}
