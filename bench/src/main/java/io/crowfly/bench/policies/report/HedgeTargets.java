package io.crowfly.bench.policies.report;

import io.crowfly.bench.policies.policy.Policies;
import io.crowfly.bench.policies.scenario.Weather;
import io.crowfly.bench.proof.Claim;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Targets of Crowfly's policy with hedges in {@code bench policies}: claims that compare its figures with those of the
 * oracle, which has no hedges, and of Crowfly's policy without hedges.
 */
final class HedgeTargets {

    /** Maximum of the 99th percentile in calm weather, divided by the oracle's. */
    private static final double CALM_P99_RATIO = 0.68;

    /** Maximum of the mean in calm weather, divided by the oracle's. */
    private static final double CALM_MEAN_RATIO = 0.97;

    /** Maximum of the 99th percentile in changing weather, divided by the oracle's. */
    private static final double CHANGING_P99_RATIO = 0.85;

    /** Maximum of a figure that hedges must not make worse, divided by the same figure without hedges. */
    private static final double NO_WORSE = 1.005;

    private static final double BUDGET_PERCENT = 5;

    private HedgeTargets() {}

    static List<Claim> of(ScenarioResults results) {
        Optional<Figures> hedged = results.find(Policies.OURS_HEDGED);
        Optional<Figures> without = results.find(Policies.OURS);
        Optional<Figures> oracle = results.oracle();
        return hedged.isPresent() && without.isPresent() && oracle.isPresent()
                ? claims(results, hedged.get(), without.get(), oracle.get())
                : List.of();
    }

    private static List<Claim> claims(ScenarioResults results, Figures hedged, Figures without, Figures oracle) {
        String name = results.scenario().name() + ", with hedges: ";
        Weather weather = results.scenario().weather();
        double p99Ratio = hedged.p99Nanos() / oracle.p99Nanos();
        List<Claim> claims = new ArrayList<>();
        if (weather == Weather.CALM) {
            claims.add(Targets.atMost(name + "p99 over the oracle's", "%.2f", CALM_P99_RATIO, p99Ratio));
            if (results.scenario().models().size() > 1) {
                claims.add(Targets.atMost(
                        name + "p99 of single models over the oracle's, mean over the models",
                        "%.2f",
                        CALM_P99_RATIO,
                        meanP99Ratio(hedged, oracle)));
            }
            claims.add(Targets.atMost(
                    name + "mean over the oracle's", "%.3f", CALM_MEAN_RATIO, hedged.meanNanos() / oracle.meanNanos()));
        } else if (weather == Weather.CHANGING) {
            claims.add(Targets.atMost(name + "p99 over the oracle's", "%.2f", CHANGING_P99_RATIO, p99Ratio));
        } else if (weather == Weather.STORM || weather == Weather.SATURATION) {
            claims.add(Targets.atMost(
                    name + "p99 over that without", "%.3f", NO_WORSE, hedged.p99Nanos() / without.p99Nanos()));
            claims.add(Targets.atMost(
                    name + "mean over that without", "%.3f", NO_WORSE, hedged.meanNanos() / without.meanNanos()));
            claims.add(Claim.atMost(
                    name + "429s that clients received",
                    without.clientResponses429(),
                    hedged.clientResponses429(),
                    ""));
        }
        claims.add(Targets.atMost(name + "extra requests", "%.1f%%", BUDGET_PERCENT, 100 * hedged.hedgesPerRequest()));
        return claims;
    }

    private static double meanP99Ratio(Figures hedged, Figures oracle) {
        return IntStream.range(0, oracle.p99NanosByModel().length)
                .mapToDouble(model -> hedged.p99NanosByModel()[model] / oracle.p99NanosByModel()[model])
                .average()
                .orElse(Double.NaN);
    }
}
