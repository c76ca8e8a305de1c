package io.crowfly.bench.policies.scenario;

import io.crowfly.bench.policies.scenario.Scenario.Backend;
import io.crowfly.bench.policies.scenario.Scenario.Cloud;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads one backend of a scenario file. */
record BackendReader(List<String> groups, List<String> models) {

    Backend backend(Section section) throws ScenarioException {
        Optional<Value> region = section.find("region");
        Optional<Value> jitter = section.find("jitter");
        Optional<Value> tail = section.find("tail");
        double tailShare = 0;
        double tailFrom = 1;
        double tailTo = 1;
        if (tail.isPresent()) {
            Section of = tail.get().section();
            tailShare = of.need("share").share();
            List<Value> range = of.need("factor").list();
            if (range.size() != 2) {
                throw of.wrong("`factor` must be [from, to]");
            }
            tailFrom = range.get(0).positive();
            tailTo = range.get(1).positive();
            of.end();
        }
        Optional<Value> hangs = section.find("hangs");
        Optional<Value> load = section.find("load");
        Optional<Value> limit = section.find("rate-limit");
        Backend backend = new Backend(
                section.need("name").text(),
                section.need("provider").oneOf(Cloud.class),
                region.isPresent() ? region.get().text() : "",
                perName(section.need("rtt"), groups, "edge group"),
                jitter.isPresent() ? jitter.get().share() : 0,
                perName(section.need("first-token"), models, "model"),
                tailShare,
                tailFrom,
                tailTo,
                hangs.isPresent() ? hangs.get().share() : 0,
                load.isPresent() ? load(load.get().section()) : Load.NONE,
                limit.isPresent() ? Optional.of(rateLimit(limit.get().section())) : Optional.empty());
        section.end();
        return backend;
    }

    /** One duration for all, or one for each name. */
    private static double[] perName(Value value, List<String> names, String what) throws ScenarioException {
        double[] all = new double[names.size()];
        if (!value.isMapping()) {
            Arrays.fill(all, value.duration());
            return all;
        }
        Map<String, Value> entries = value.entries();
        for (int i = 0; i < all.length; i++) {
            Value one = entries.remove(names.get(i));
            if (one == null) {
                throw value.wrong("says nothing of the " + what + " " + names.get(i));
            }
            all[i] = one.duration();
        }
        for (Map.Entry<String, Value> stray : entries.entrySet()) {
            throw stray.getValue().wrong("no " + what + " is named " + stray.getKey());
        }
        return all;
    }

    private static Load load(Section section) throws ScenarioException {
        double capacity = section.need("capacity").positive();
        double knee = section.need("knee").share() * capacity;
        Optional<Value> limit = section.find("limit");
        Optional<Value> retryAfter = section.find("retry-after");
        Load load = new Load(
                capacity,
                knee,
                section.need("factor-at-capacity").positive(),
                limit.isPresent() ? limit.get().positive() : Double.MAX_VALUE,
                retryAfter.isPresent() ? retryAfter.get().nanos() : -1);
        if (knee >= capacity) {
            throw section.wrong("`knee` must be below 100%");
        }
        section.end();
        return load;
    }

    private static RateLimit rateLimit(Section section) throws ScenarioException {
        RateLimit limit = new RateLimit(
                section.need("requests").count(), section.need("window").nanos());
        section.end();
        return limit;
    }
}
