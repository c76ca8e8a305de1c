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
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.ModelHealth;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.LoadCurve;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.Prediction.Basis;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Backends, confs, forecasts and snapshots for tests of routing. */
final class RoutingFixtures {

    static final long MILLI = 1_000_000L;
    static final long SECOND = 1_000 * MILLI;

    static final double SPREAD = 0.35;

    private RoutingFixtures() {}

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
                BackendHeaders.NONE);
    }

    static Backend backend(String name) {
        return backend(name, 1, Map.of());
    }

    static Conf conf(Routing routing, Backend... backends) {
        Duration any = Duration.ofMinutes(1);
        return new Conf(
                "",
                List.of(),
                new Admin(new BindAddress.Tcp("127.0.0.1", 0), Set.of(), Optional.empty()),
                List.of(backends),
                routing,
                new Timeouts(any, any, any, any, any, any, any, any, any),
                new Limits(1, 1, 1, 1, 1, 1, 1, Map.of()),
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
                usual.unknownModels(),
                usual.weights());
    }

    static Routing weightedRouting(Map<String, Integer> weights) {
        Routing usual = Routing.DEFAULT;
        return new Routing(
                Policy.WEIGHTED,
                usual.objective(),
                usual.tolerance(),
                usual.tierTolerance(),
                usual.rules(),
                usual.retry(),
                usual.exploration(),
                usual.panic(),
                usual.hedge(),
                usual.unknownModels(),
                weights);
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
                List.of(backend),
                usual.weights());
    }

    static Routing routing(Rule... rules) {
        return routing(Policy.LOWEST_LATENCY, Routing.DEFAULT.tierTolerance(), 0.01, true, rules);
    }

    /** Returns a forecast with these mean times, and no network part. */
    static Forecast forecast(double ordinaryMillis, double millis, double uncertainty, double hopedMillis) {
        return new Forecast(
                new Prediction(Basis.LIVE, 0, logService(millis), SPREAD, uncertainty, ProbeTimes.ABSENT),
                logService(hopedMillis),
                0,
                Long.MIN_VALUE,
                logService(ordinaryMillis),
                LoadCurve.FLAT);
    }

    static Forecast forecast(double millis) {
        return forecast(millis, millis, 0.02, millis);
    }

    private static double logService(double meanMillis) {
        return Math.log(meanMillis * MILLI) - SPREAD * SPREAD / 2;
    }

    static BackendSnapshot snapshot(Backend backend, Health health, Forecast forecast) {
        return new BackendSnapshot(
                backend,
                health,
                health == Health.HEALTHY ? "" : "unhealthy",
                false,
                false,
                forecast.prediction().medianNanos(),
                ProbeTimes.NONE,
                ProbeTimes.NONE,
                0,
                0,
                Map.of(),
                forecast,
                Map.of(),
                Map.of());
    }

    /** Returns the snapshot with the health of the model {@code model}. */
    static BackendSnapshot with(BackendSnapshot s, String model, ModelHealth health) {
        return with(s, s.forecasts(), Map.of(model, health));
    }

    /** Returns the snapshot with these forecasts. */
    static BackendSnapshot with(BackendSnapshot s, Map<RequestClass, Forecast> forecasts) {
        return with(s, forecasts, s.models());
    }

    private static BackendSnapshot with(
            BackendSnapshot s, Map<RequestClass, Forecast> forecasts, Map<String, ModelHealth> models) {
        return new BackendSnapshot(
                s.backend(),
                s.health(),
                s.reason(),
                s.ejected(),
                s.unauthorized(),
                s.latencyNanos(),
                s.probeEstimate(),
                s.lastProbe(),
                s.lastProbeEpochMillis(),
                s.failureShare(),
                forecasts,
                s.defaultForecast(),
                s.parked(),
                models);
    }

    /** Returns the snapshot with a share of failures of the model {@code model}. */
    static BackendSnapshot failing(BackendSnapshot s, String model, double share) {
        return with(s, model, new ModelHealth(Optional.empty(), share, true));
    }

    static BackendSnapshot snapshot(Backend backend, double millis) {
        return snapshot(backend, Health.HEALTHY, forecast(millis));
    }

    static PlanEntry entry(int index, int tier, Forecast forecast, boolean open) {
        Prediction prediction = forecast.prediction();
        Cost cost = Cost.of(
                prediction.meanNanos(), prediction.networkNanos(), forecast.loadCurve(), 1, prediction.uncertainty());
        BackendSnapshot snapshot = snapshot(backend("b" + index), Health.HEALTHY, forecast);
        PlanEntry entry = new PlanEntry(index, tier);
        entry.set(ModelHealth.HEALTHY, forecast, cost, forecast.ordinaryNanos(), forecast.optimisticNanos());
        entry.reset(snapshot, "");
        entry.open = open;
        return entry;
    }

    static PlanEntry entry(int index, double millis) {
        return entry(index, 1, forecast(millis), true);
    }

    static Candidate candidate(int index, double share) {
        return new Candidate(
                index,
                snapshot(backend("b" + index), 100),
                ModelHealth.HEALTHY,
                forecast(100),
                cost(100, LoadCurve.FLAT),
                share,
                false,
                "");
    }

    /** Returns an uncertain cost without a network part, planned for a single request. */
    static Cost cost(double millis, LoadCurve loadCurve) {
        return Cost.of(millis * MILLI, 0, loadCurve, 1, 1);
    }

    /** No requests in flight, no idle connections. */
    static final BackendLoad IDLE = new BackendLoad() {
        @Override
        public long inFlight(int index) {
            return 0;
        }

        @Override
        public boolean hasIdleConnection(int index) {
            return false;
        }
    };
}
