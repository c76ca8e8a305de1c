package io.crowfly.conf.read;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Hedge;
import io.crowfly.conf.Objective;
import io.crowfly.conf.Policy;
import io.crowfly.conf.Retry;
import io.crowfly.conf.Routing;
import io.crowfly.conf.TierTolerance;
import io.crowfly.conf.Tolerance;
import io.crowfly.conf.key.RoutingKeys;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.QuantityReader;
import io.crowfly.conf.read.field.Section;
import io.crowfly.conf.read.field.SectionFields;
import io.crowfly.conf.read.field.Spelling;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Reader of the conf section {@code routing}, except its {@code rules}. */
final class RoutingReader {

    private static final String UNLIMITED = "unlimited";

    private RoutingReader() {}

    /**
     * Reads the section.
     *
     * @param backends the valid backends, for the rules; empty if a backend has a problem
     * @param weights weights of backends by name
     */
    static Routing read(Optional<Field> field, List<Backend> backends, Map<String, Integer> weights) {
        Optional<SectionFields> fields = field.map(f -> f.fields(Section.ROUTING));
        Routing defaults = Routing.DEFAULT;
        return new Routing(
                value(fields, "policy", RoutingReader::policy).orElse(defaults.policy()),
                value(fields, "objective", RoutingReader::objective).orElse(defaults.objective()),
                value(fields, "tolerance", RoutingReader::tolerance).orElse(defaults.tolerance()),
                value(fields, "tier-tolerance", RoutingReader::tierTolerance).orElse(defaults.tierTolerance()),
                fields.flatMap(f -> f.find("rules"))
                        .map(new RulesReader(backends)::read)
                        .orElse(defaults.rules()),
                retry(fields.flatMap(f -> f.find("retry")).map(f -> f.fields(Section.RETRY)), defaults.retry()),
                value(fields, "exploration", f -> QuantityReader.share(f, RoutingKeys.EXPLORATION))
                        .orElse(defaults.exploration()),
                value(fields, "panic", Field::flag).orElse(defaults.panic()),
                value(fields, "hedge", RoutingReader::hedge),
                fields.flatMap(f -> f.find("unknown-models"))
                        .map(f -> BackendNameReader.readAll(f, backends))
                        .orElse(defaults.unknownModels()),
                weights);
    }

    private static <T> Optional<T> value(
            Optional<SectionFields> fields, String key, Function<Field, Optional<T>> reader) {
        return fields.flatMap(f -> f.find(key)).flatMap(reader);
    }

    private static Optional<Policy> policy(Field field) {
        return word(field, List.of(Policy.values()), Policy::label);
    }

    private static Optional<Objective> objective(Field field) {
        return word(field, List.of(Objective.values()), Objective::label);
    }

    private static <T> Optional<T> word(Field field, List<T> values, Function<T, String> label) {
        Optional<String> text = field.text();
        Optional<T> value = values.stream()
                .filter(v -> text.isPresent() && text.get().equals(label.apply(v)))
                .findFirst();
        if (text.isPresent() && value.isEmpty()) {
            List<String> words = values.stream().map(label).toList();
            field.problem(
                    "unknown " + field.name() + " " + field.quoted(), Spelling.mend(text.get(), words, "remove it"));
        }
        return value;
    }

    private static Optional<Tolerance> tolerance(Field field) {
        return QuantityReader.isPercentage(field)
                ? QuantityReader.share(field, RoutingKeys.BUDGET).map(Tolerance.Share::new)
                : QuantityReader.durationOr(field, "5%").map(Tolerance.Fixed::new);
    }

    private static Optional<TierTolerance> tierTolerance(Field field) {
        return field.rawTextEquals(UNLIMITED)
                ? Optional.of(new TierTolerance.Unlimited())
                : QuantityReader.durationOr(field, UNLIMITED).map(TierTolerance.Within::new);
    }

    private static Retry retry(Optional<SectionFields> fields, Retry defaults) {
        return new Retry(
                value(fields, "attempts", f -> f.integer(RoutingKeys.ATTEMPTS)).orElse(defaults.attempts()),
                value(fields, "budget", f -> QuantityReader.share(f, RoutingKeys.BUDGET))
                        .orElse(defaults.budget()));
    }

    private static Optional<Hedge> hedge(Field field) {
        return field.fields(Section.HEDGE)
                .require("budget", "add `budget: 5%`, or remove `hedge` for no hedging")
                .flatMap(f -> QuantityReader.share(f, RoutingKeys.PART))
                .map(Hedge::new);
    }
}
