package io.crowfly.conf;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** {@code routing}. */
final class RoutingReader {

    /** Each attempt may take a whole connect timeout; nobody waits for more than ten. */
    private static final int MAX_ATTEMPTS = 10;

    /** Explored users wait longer than they had to: beyond one in ten it would be no exploration but the traffic. */
    private static final double MAX_EXPLORATION = 0.10;

    private static final double LEAST_HEDGES = 0.0001;

    private static final String UNLIMITED = "unlimited";

    private RoutingReader() {}

    /** @param backends those that the rules choose from; empty if they have problems of their own */
    static Routing read(Optional<Field> field, List<Backend> backends) {
        Optional<Fields> fields = field.map(f -> f.fields(Section.ROUTING));
        Routing usual = Routing.DEFAULT;
        return new Routing(
                value(fields, "policy", RoutingReader::policy).orElse(usual.policy()),
                value(fields, "objective", RoutingReader::objective).orElse(usual.objective()),
                value(fields, "tolerance", RoutingReader::tolerance).orElse(usual.tolerance()),
                value(fields, "tier-tolerance", RoutingReader::tierTolerance).orElse(usual.tierTolerance()),
                fields.flatMap(f -> f.find("rules"))
                        .map(new RulesReader(backends)::read)
                        .orElse(usual.rules()),
                retry(fields.flatMap(f -> f.find("retry")).map(f -> f.fields(Section.RETRY)), usual.retry()),
                value(fields, "exploration", f -> QuantityReader.share(f, 0, MAX_EXPLORATION))
                        .orElse(usual.exploration()),
                value(fields, "panic", Field::flag).orElse(usual.panic()),
                value(fields, "hedge", RoutingReader::hedge),
                fields.flatMap(f -> f.find("unknown-models"))
                        .map(f -> BackendNames.readAll(f, backends))
                        .orElse(usual.unknownModels()));
    }

    private static <T> Optional<T> value(Optional<Fields> fields, String key, Function<Field, Optional<T>> reading) {
        return fields.flatMap(f -> f.find(key)).flatMap(reading);
    }

    private static Optional<Policy> policy(Field field) {
        if (field.says(Policy.WEIGHTED.label())) {
            field.problem("policy " + field.quoted() + " is not built yet", "write another, or remove `policy`");
            return Optional.empty();
        }
        List<Policy> built = Arrays.stream(Policy.values())
                .filter(policy -> policy != Policy.WEIGHTED)
                .toList();
        return word(field, built, Policy::label);
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
                ? QuantityReader.share(field, 0, 1).map(Tolerance.Share::new)
                : QuantityReader.durationOr(field, "5%").map(Tolerance.Fixed::new);
    }

    private static Optional<TierTolerance> tierTolerance(Field field) {
        return field.says(UNLIMITED)
                ? Optional.of(new TierTolerance.Unlimited())
                : QuantityReader.durationOr(field, UNLIMITED).map(TierTolerance.Within::new);
    }

    private static Retry retry(Optional<Fields> fields, Retry usual) {
        return new Retry(
                value(fields, "attempts", f -> f.integer(1, MAX_ATTEMPTS)).orElse(usual.attempts()),
                value(fields, "budget", f -> QuantityReader.share(f, 0, 1)).orElse(usual.budget()));
    }

    private static Optional<Hedge> hedge(Field field) {
        return field.fields(Section.HEDGE)
                .require("budget", "add `budget: 5%`, or remove `hedge` for none")
                .flatMap(f -> QuantityReader.share(f, LEAST_HEDGES, 1))
                .map(Hedge::new);
    }
}
