package io.crowfly.bench.policies.scenario;

import io.crowfly.bench.policies.scenario.Scenario.Backend;
import io.crowfly.bench.policies.scenario.Scenario.Cloud;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reader of one element of {@code backends} in a scenario file.
 *
 * @param groups names of the edge groups
 * @param models names of the models
 * @param betweenTokensNanos time between tokens of each model, at backends that do not set their own
 */
record ScenarioBackendReader(List<String> groups, List<String> models, double[] betweenTokensNanos) {

    Backend backend(ScenarioSection section) throws ScenarioException {
        Optional<ScenarioValue> region = section.optional("region");
        Optional<ScenarioValue> jitter = section.optional("jitter");
        Optional<ScenarioValue> tier = section.optional("tier");
        Optional<ScenarioValue> between = section.optional("between-tokens");
        Optional<ScenarioValue> tail = section.optional("tail");
        double tailShare = 0;
        double tailFrom = 1;
        double tailTo = 1;
        if (tail.isPresent()) {
            ScenarioSection tailSection = tail.get().section();
            tailShare = tailSection.required("share").share();
            List<ScenarioValue> range = tailSection.required("factor").list();
            if (range.size() != 2) {
                throw tailSection.problem("`factor` must be [from, to]");
            }
            tailFrom = range.get(0).positive();
            tailTo = range.get(1).positive();
            tailSection.rejectUnknownKeys();
        }
        Optional<ScenarioValue> hangs = section.optional("hangs");
        Optional<ScenarioValue> load = section.optional("load");
        Optional<ScenarioValue> limit = section.optional("rate-limit");
        Backend backend = new Backend(
                section.required("name").text(),
                section.required("provider").oneOf(Cloud.class),
                region.isPresent() ? region.get().text() : "",
                tier.isPresent() ? tier.get().count() : 1,
                perName(section.required("rtt"), groups, "edge group"),
                jitter.isPresent() ? jitter.get().share() : 0,
                perName(section.required("first-token"), models, "model"),
                between.isPresent() ? perName(between.get(), models, "model") : betweenTokensNanos,
                tailShare,
                tailFrom,
                tailTo,
                hangs.isPresent() ? hangs.get().share() : 0,
                load.isPresent() ? load(load.get().section()) : SimulatedLoadCurve.NONE,
                limit.isPresent() ? Optional.of(rateLimit(limit.get().section())) : Optional.empty());
        section.rejectUnknownKeys();
        return backend;
    }

    /** Reads a value that is either one duration for all names, or a mapping with a duration for each name. */
    private static double[] perName(ScenarioValue value, List<String> names, String what) throws ScenarioException {
        double[] all = new double[names.size()];
        if (!value.isMapping()) {
            Arrays.fill(all, value.duration());
            return all;
        }
        Map<String, ScenarioValue> entries = value.entries();
        for (int i = 0; i < all.length; i++) {
            ScenarioValue one = entries.remove(names.get(i));
            if (one == null) {
                throw value.problem("has no value for the " + what + " " + names.get(i));
            }
            all[i] = one.duration();
        }
        for (Map.Entry<String, ScenarioValue> stray : entries.entrySet()) {
            throw stray.getValue().problem("no " + what + " is named " + stray.getKey());
        }
        return all;
    }

    private static SimulatedLoadCurve load(ScenarioSection section) throws ScenarioException {
        double capacity = section.required("capacity").positive();
        double knee = section.required("knee").share() * capacity;
        Optional<ScenarioValue> limit = section.optional("limit");
        Optional<ScenarioValue> retryAfter = section.optional("retry-after");
        SimulatedLoadCurve load = new SimulatedLoadCurve(
                capacity,
                knee,
                section.required("factor-at-capacity").positive(),
                limit.isPresent() ? limit.get().positive() : Double.MAX_VALUE,
                retryAfter.isPresent() ? retryAfter.get().nanos() : -1);
        if (knee >= capacity) {
            throw section.problem("`knee` must be below 100%");
        }
        section.rejectUnknownKeys();
        return load;
    }

    private static SimulatedRateLimit rateLimit(ScenarioSection section) throws ScenarioException {
        SimulatedRateLimit limit = new SimulatedRateLimit(
                section.required("requests").count(), section.required("window").nanos());
        section.rejectUnknownKeys();
        return limit;
    }
}
