package io.crowfly.bench.policies.report;

import io.crowfly.bench.policies.policy.Policies;
import io.crowfly.bench.policies.scenario.Event;
import io.crowfly.bench.policies.scenario.Weather;
import io.crowfly.bench.proof.Claim;
import java.util.ArrayList;
import java.util.List;

/** What our own policy is to reach in each weather, and whether it did. Nothing where it or the oracle didn't run. */
public final class Targets {

    /** Its mean may be longer than the best real one's by so much: less is luck. */
    private static final double MEAN_TOLERANCE = 0.01;

    /** Of the oracle's. */
    private static final double P99_RATIO = 1.15;

    private static final double DRASTIC = 3;
    private static final double LEFT_SECONDS = 1;
    private static final double BACK_SECONDS = 10;
    private static final double VARIATION_RATIO = 1.5;

    /** Where all have stood still, a share varies by nothing, and one request elsewhere would be infinitely more. */
    private static final double LEAST_VARIATION = 0.1;

    private static final double STORM_ATTEMPTS = 1.2;

    private Targets() {}

    public static List<Claim> of(List<Results> all) {
        List<Claim> claims = new ArrayList<>();
        for (Results results : all) {
            results.of(Policies.OURS).ifPresent(ours -> results.oracle()
                    .ifPresent(oracle -> claims.addAll(claims(results, ours, oracle))));
        }
        return claims;
    }

    private static List<Claim> claims(Results results, Figures ours, Figures oracle) {
        String name = results.scenario().name() + ": ";
        Weather weather = results.scenario().weather();
        List<Claim> claims = new ArrayList<>();
        double best = results.bestReal().orElse(ours).meanNanos();
        claims.add(atMost(name + "mean over the best real one's", "%.3f", 1 + MEAN_TOLERANCE, ours.meanNanos() / best));
        claims.add(atMost(
                name + "regret", "%.1f%%", regretPercent(weather), 100 * ours.regretNanos() / oracle.meanNanos()));
        claims.add(atMost(name + "p99 over the oracle's", "%.2f", P99_RATIO, ours.p99Nanos() / oracle.p99Nanos()));
        if (weather == Weather.CALM || weather == Weather.CHANGING) {
            double allowed = weather == Weather.CALM ? 5 : 10;
            claims.add(atMost(name + "prediction off by", "%.1f%%", allowed, 100 * ours.predictionError()));
        }
        if (!Double.isNaN(ours.leftSeconds())
                && results.scenario().watched().filter(Targets::drastic).isPresent()) {
            claims.add(seconds(name + "left after", LEFT_SECONDS, ours.leftSeconds()));
            claims.add(seconds(name + "back after", BACK_SECONDS, ours.backSeconds()));
        }
        if (results.scenario().watched().filter(Targets::hard).isPresent()) {
            claims.add(Claim.atMost(
                    name + "requests sent into it", results.scenario().edgeCount(), ours.sentInto(), ""));
        }
        if (weather == Weather.SATURATION) {
            double allowed = VARIATION_RATIO * Math.max(LEAST_VARIATION, oracle.shareVariation());
            claims.add(atMost(name + "share varies by", "%.2f", allowed, ours.shareVariation()));
        }
        if (weather == Weather.STORM) {
            claims.add(Claim.none(name + "429s that clients saw", ours.clientSaw429s()));
            claims.add(atMost(name + "attempts per request", "%.3f", STORM_ATTEMPTS, ours.attemptsPerRequest()));
        }
        claims.add(Claim.none(name + "errors beyond the oracle's", Math.max(0, ours.errors() - oracle.errors())));
        return claims;
    }

    /** A threefold slowdown or worse: what is less may rightly move traffic more slowly, as it loses less by waiting. */
    private static boolean drastic(Event event) {
        return event.effect() instanceof Event.Effect.Slowdown slow
                ? slow.factor() >= DRASTIC
                : !(event.effect() instanceof Event.Effect.Route);
    }

    /** A failure that one request is enough to learn of. */
    private static boolean hard(Event event) {
        return event.effect() instanceof Event.Effect.Outage;
    }

    private static double regretPercent(Weather weather) {
        return switch (weather) {
            case CALM -> 2;
            case CHANGING -> 5;
            case STORM, SATURATION -> 8;
        };
    }

    private static Claim atMost(String what, String format, double bound, double figure) {
        return new Claim(what, "at most " + Page.number(format, bound), Page.number(format, figure), figure <= bound);
    }

    private static Claim seconds(String what, double bound, double figure) {
        return new Claim(what, "at most " + Page.number("%.0f s", bound), Page.seconds(figure), figure <= bound);
    }
}
