package io.crowfly.bench.policies.report;

import io.crowfly.bench.policies.policy.Policies;
import io.crowfly.bench.policies.scenario.ArrivalProcess;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.scenario.ScenarioEvent;
import io.crowfly.bench.policies.scenario.Weather;
import io.crowfly.bench.proof.Claim;
import java.util.ArrayList;
import java.util.List;

/**
 * Targets of Crowfly's policy in {@code bench policies}: claims that compare its figures with the oracle's and the best
 * policy's. There are no targets if Crowfly's policy or the oracle did not run.
 */
public final class Targets {

    /** Maximum of the 99th percentile, divided by the oracle's. */
    private static final double P99_RATIO = 1.10;

    private static final double DRASTIC_FACTOR = 3;
    private static final double MAX_LEAVE_SECONDS = 1;
    private static final double MAX_RETURN_SECONDS = 10;
    private static final double VARIATION_RATIO = 1.5;

    /**
     * Minimum that is used for the oracle's variation. If the oracle's shares do not vary, a single request elsewhere
     * would otherwise give an infinite ratio.
     */
    static final double MIN_VARIATION = 0.1;

    private static final double STORM_ATTEMPTS = 1.2;

    /** Maximum of the requests that are not in the lowest tier, beyond the oracle's, in percent. */
    private static final double MISSING_TIER_PERCENT = 5;

    /** Default of {@code routing.exploration}. */
    private static final double EXPLORATION_SHARE = 0.01;

    private Targets() {}

    public static List<Claim> of(List<ScenarioResults> all) {
        List<Claim> claims = new ArrayList<>();
        for (ScenarioResults results : all) {
            results.find(Policies.OURS).ifPresent(ours -> results.oracle()
                    .ifPresent(oracle -> claims.addAll(claims(results, ours, oracle))));
            claims.addAll(HedgeTargets.of(results));
        }
        return claims;
    }

    private static List<Claim> claims(ScenarioResults results, Figures ours, Figures oracle) {
        Scenario scenario = results.scenario();
        String name = scenario.name() + ": ";
        Weather weather = scenario.weather();
        List<Claim> claims = new ArrayList<>();
        if (scenario.countsCompletion() || scenario.hasTiers()) {
            // The other policies have another goal.
            claims.addAll(goal(scenario, ours, oracle));
        } else {
            double best = results.bestRealizable().orElse(ours).meanNanos();
            claims.add(atMost(
                    name + "mean over the best realizable policy's",
                    "%.3f",
                    meanRatio(weather),
                    ours.meanNanos() / best));
        }
        if (weather == Weather.BAD_START) {
            claims.addAll(badStart(scenario, ours, oracle));
        } else {
            double oracleMean = scenario.countsCompletion() ? oracle.completionNanos() : oracle.meanNanos();
            double regret = 100 * ours.regretNanos() / oracleMean;
            claims.add(atMost(name + "regret", "%.1f%%", regretPercent(weather), regret));
            claims.add(atMost(name + "p99 over the oracle's", "%.2f", P99_RATIO, ours.p99Nanos() / oracle.p99Nanos()));
            double allowed = weather == Weather.CALM ? 5 : 10;
            claims.add(atMost(name + "prediction off by", "%.1f%%", allowed, 100 * ours.predictionError()));
            scenario.watched().ifPresent(event -> claims.addAll(moves(scenario, event, ours, oracle)));
        }
        if (weather == Weather.SATURATION) {
            double allowed = VARIATION_RATIO * Math.max(MIN_VARIATION, oracle.shareVariation());
            claims.add(atMost(name + "share varies by", "%.2f", allowed, ours.shareVariation()));
        }
        if (weather == Weather.STORM) {
            claims.add(Claim.zero(name + "429s that clients received", ours.clientResponses429()));
            claims.add(atMost(name + "attempts per request", "%.3f", STORM_ATTEMPTS, ours.attemptsPerRequest()));
        }
        claims.add(Claim.zero(name + "errors beyond the oracle's", Math.max(0, ours.errors() - oracle.errors())));
        return claims;
    }

    private static List<Claim> goal(Scenario scenario, Figures ours, Figures oracle) {
        List<Claim> claims = new ArrayList<>();
        double limit = meanRatio(scenario.weather());
        if (scenario.countsCompletion()) {
            double ratio = ours.completionNanos() / oracle.completionNanos();
            claims.add(atMost(scenario.name() + ": mean to the last token over the oracle's", "%.3f", limit, ratio));
        }
        if (scenario.hasTiers()) {
            double missing = 100 * (oracle.lowestTierShare() - ours.lowestTierShare());
            claims.add(atMost(
                    scenario.name() + ": requests that the oracle sends to the lowest tier, and Crowfly does not",
                    "%.1f%%",
                    MISSING_TIER_PERCENT,
                    Math.max(0, missing)));
            claims.add(atMost(
                    scenario.name() + ": mean over the oracle's",
                    "%.3f",
                    limit,
                    ours.meanNanos() / oracle.meanNanos()));
        }
        return claims;
    }

    private static List<Claim> moves(Scenario scenario, ScenarioEvent event, Figures ours, Figures oracle) {
        String name = scenario.name() + ": ";
        TrafficMoves moves = ours.moves();
        List<Claim> claims = new ArrayList<>();
        if (!Double.isNaN(moves.leaveSeconds()) && isDrastic(event)) {
            claims.add(seconds(name + "moved away after", MAX_LEAVE_SECONDS, moves.leaveSeconds()));
            claims.add(seconds(name + "back after", MAX_RETURN_SECONDS, moves.returnSeconds()));
        }
        if (scenario.isCold()) {
            claims.addAll(most(scenario, ours, oracle));
        }
        if (isOutage(event)) {
            claims.add(Claim.atMost(
                    name + "requests sent during the outage", scenario.edgeCount(), moves.sentDuringEvent(), ""));
        }
        return claims;
    }

    private static List<Claim> badStart(Scenario scenario, Figures ours, Figures oracle) {
        List<Claim> claims = new ArrayList<>(most(scenario, ours, oracle));
        long allowed = (long) Math.ceil(EXPLORATION_SHARE * ours.requests());
        claims.add(Claim.atMost(scenario.name() + ": explorations", allowed, ours.explorations(), ""));
        return claims;
    }

    /** Returns the claim that the best backend gets most traffic again, if the oracle sends most traffic there. */
    private static List<Claim> most(Scenario scenario, Figures ours, Figures oracle) {
        return Double.isFinite(oracle.moves().mostSeconds())
                ? List.of(seconds(
                        scenario.name() + ": 70 % at the best backend after",
                        mostBound(scenario.arrivals()),
                        ours.moves().mostSeconds()))
                : List.of();
    }

    /**
     * Returns whether the event is a slowdown by a factor of three or more, or a failure. Only then there is a target
     * for the time until traffic moves away, because a smaller slowdown costs less.
     */
    private static boolean isDrastic(ScenarioEvent event) {
        return event.effect() instanceof ScenarioEvent.Effect.Slowdown slow
                ? slow.factor() >= DRASTIC_FACTOR
                : !(event.effect() instanceof ScenarioEvent.Effect.Route);
    }

    /** Returns whether the event is an outage, which a single refused request reveals. */
    private static boolean isOutage(ScenarioEvent event) {
        return event.effect() instanceof ScenarioEvent.Effect.Outage;
    }

    /**
     * Returns the time within which most traffic must be at the best backend again, in seconds. With fewer requests,
     * learning takes longer.
     */
    private static double mostBound(ArrivalProcess arrivals) {
        if (arrivals instanceof ArrivalProcess.Poisson poisson && poisson.perSecond() < 50) {
            return poisson.perSecond() < 10 ? 60 : 20;
        }
        return 10;
    }

    private static double meanRatio(Weather weather) {
        return switch (weather) {
            case CALM -> 1.01;
            case SATURATION -> 1.03;
            default -> 1.02;
        };
    }

    private static double regretPercent(Weather weather) {
        return switch (weather) {
            case CALM -> 2;
            case SHORT_LATENCIES -> 12;
            case STORM, SATURATION, OWN_LOAD -> 6;
            default -> 5;
        };
    }

    static Claim atMost(String statement, String format, double bound, double figure) {
        return new Claim(
                statement,
                "at most " + MarkdownPage.number(format, bound),
                MarkdownPage.number(format, figure),
                figure <= bound);
    }

    private static Claim seconds(String statement, double bound, double figure) {
        return new Claim(
                statement,
                "at most " + MarkdownPage.number("%.0f s", bound),
                MarkdownPage.seconds(figure),
                figure <= bound);
    }
}
