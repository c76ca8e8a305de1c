package io.crowfly.balancer.routing;

import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.conf.Admin;
import io.crowfly.conf.Backend;
import io.crowfly.conf.BackendHeaders;
import io.crowfly.conf.BindAddress;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Limits;
import io.crowfly.conf.Models;
import io.crowfly.conf.Policy;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Provider;
import io.crowfly.conf.Routing;
import io.crowfly.conf.Rule;
import io.crowfly.conf.State;
import io.crowfly.conf.TierTolerance;
import io.crowfly.conf.Timeouts;
import io.crowfly.probes.Outlook;
import io.crowfly.probes.Prediction;
import io.crowfly.probes.Prediction.Basis;
import io.crowfly.probes.ProbeTimes;
import io.crowfly.probes.Standing;
import io.crowfly.probes.Standing.Health;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Backends, confs and what is known, as tests of routing need them. */
final class Scene {

    static final long MILLI = 1_000_000L;
    static final long SECOND = 1_000 * MILLI;

    static final double SPREAD = 0.35;

    private Scene() {}

    static Backend backend(String name, int tier, Map<String, String> labels, String... models) {
        Map<String, String> names = new HashMap<>();
        for (String model : models) {
            names.put(model, model);
        }
        Duration second = Duration.ofSeconds(1);
        return new Backend(
                name,
                new Provider.OpenAi(),
                URI.create("http://" + name + ".example"),
                "",
                tier,
                labels,
                new Credential.None(),
                new Models(names),
                new Probe(second, second, 2, 3, new Probe.Kind.Tcp()),
                Optional.empty(),
                BackendHeaders.USUAL);
    }

    static Backend backend(String name) {
        return backend(name, 1, Map.of());
    }

    static Conf conf(Routing routing, Backend... backends) {
        Duration any = Duration.ofMinutes(1);
        return new Conf(
                "",
                List.of(),
                new Admin(new BindAddress.Tcp("127.0.0.1", 0)),
                List.of(backends),
                routing,
                new Timeouts(any, any, any, any, any, any),
                new Limits(1, 1, 1, 1, 1),
                State.DEFAULT,
                Optional.empty(),
                false);
    }

    static Routing routing(
            Policy policy, TierTolerance tierTolerance, double exploration, boolean panic, Rule... rules) {
        Routing usual = Routing.DEFAULT;
        return new Routing(
                policy,
                usual.objective(),
                usual.tolerance(),
                tierTolerance,
                List.of(rules),
                usual.retry(),
                exploration,
                panic,
                usual.hedge(),
                usual.unknownModels());
    }

    static Routing unknownModelsTo(String backend) {
        Routing usual = Routing.DEFAULT;
        return new Routing(
                usual.policy(),
                usual.objective(),
                usual.tolerance(),
                usual.tierTolerance(),
                usual.rules(),
                usual.retry(),
                usual.exploration(),
                usual.panic(),
                usual.hedge(),
                List.of(backend));
    }

    static Routing routing(Rule... rules) {
        return routing(Policy.LOWEST_LATENCY, Routing.DEFAULT.tierTolerance(), 0.01, true, rules);
    }

    /** Of a mean so long in ordinary times and now, without a network. */
    static Outlook outlook(double ordinaryMillis, double millis, double uncertainty, double hopedMillis) {
        return new Outlook(
                new Prediction(Basis.LIVE, 0, logService(millis), SPREAD, uncertainty, ProbeTimes.ABSENT),
                logService(hopedMillis),
                0,
                Long.MIN_VALUE,
                logService(ordinaryMillis),
                1,
                1000);
    }

    static Outlook outlook(double millis) {
        return outlook(millis, millis, 0.02, millis);
    }

    private static double logService(double meanMillis) {
        return Math.log(meanMillis * MILLI) - SPREAD * SPREAD / 2;
    }

    static Standing standing(Backend backend, Health health, Outlook outlook) {
        return new Standing(
                backend,
                health,
                health == Health.HEALTHY ? "" : "not well",
                false,
                false,
                outlook.prediction().medianNanos(),
                ProbeTimes.NONE,
                ProbeTimes.NONE,
                0,
                0,
                Map.of(),
                outlook,
                Map.of());
    }

    static Standing standing(Backend backend, double millis) {
        return standing(backend, Health.HEALTHY, outlook(millis));
    }

    static Entry entry(int index, int tier, Outlook outlook, boolean open) {
        Prediction prediction = outlook.prediction();
        Cost cost =
                new Cost(outlook.ordinaryNanos(), prediction.meanNanos(), prediction.networkNanos(), 1, outlook.room());
        Standing standing = standing(backend("b" + index), Health.HEALTHY, outlook);
        return new Entry(
                index, tier, standing, outlook, cost, 0, outlook.hopedNanos(), prediction.uncertainty(), open, "");
    }

    static Entry entry(int index, double millis) {
        return entry(index, 1, outlook(millis), true);
    }

    static Candidate candidate(int index, double share) {
        Cost cost = new Cost(100 * MILLI, 100 * MILLI, 0, 1, 1000);
        return new Candidate(index, standing(backend("b" + index), 100), outlook(100), cost, share, "");
    }

    /** Nothing in flight, nothing warm. */
    static final Load IDLE = new Load() {
        @Override
        public long inFlight(int index) {
            return 0;
        }

        @Override
        public boolean warm(int index) {
            return false;
        }
    };
}
