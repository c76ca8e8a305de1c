package io.crowfly.balancer.routing;

import static io.crowfly.balancer.routing.RoutingFixtures.IDLE;
import static io.crowfly.balancer.routing.RoutingFixtures.MILLI;
import static io.crowfly.balancer.routing.RoutingFixtures.SECOND;
import static io.crowfly.balancer.routing.RoutingFixtures.backend;
import static io.crowfly.balancer.routing.RoutingFixtures.conf;
import static io.crowfly.balancer.routing.RoutingFixtures.failing;
import static io.crowfly.balancer.routing.RoutingFixtures.forecast;
import static io.crowfly.balancer.routing.RoutingFixtures.routing;
import static io.crowfly.balancer.routing.RoutingFixtures.snapshot;
import static io.crowfly.balancer.routing.RoutingFixtures.unknownModelsTo;
import static io.crowfly.balancer.routing.RoutingFixtures.weightedRouting;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Policy;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Routing;
import io.crowfly.conf.TierTolerance;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.ClassForecast;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.LoadCurve;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;

/** Candidates of requests and their order, by the conf and the ranking. */
class PlannerTest {

    private static final RequestClass GPT = new RequestClass(Api.CHAT_COMPLETIONS, "gpt-4o", true);
    private static final BiPredicate<Backend, Api> ALL = (backend, api) -> true;

    private final Backend eu = backend("eu");
    private final Backend eu2 = backend("eu2");
    private final Backend us = backend("us");
    private long version;

    private Ranking ranking(BackendSnapshot... snapshots) {
        return ranking(Map.of(GPT, new ClassForecast(new double[12], 1, 0, 0)), snapshots);
    }

    private Ranking ranking(Map<RequestClass, ClassForecast> classes, BackendSnapshot... snapshots) {
        version++;
        return new Ranking(version, SECOND + version * 50 * MILLI, List.of(snapshots), classes);
    }

    private static BackendSnapshot unhealthy(Backend backend, double millis) {
        return snapshot(backend, Health.UNHEALTHY, forecast(millis));
    }

    private static RequestFacts request(RequestClass requestClass) {
        return new RequestFacts(requestClass, "/v1/chat/completions", (name, value) -> false, 1000);
    }

    private static Candidates candidates(RoutingTable table, RequestClass requestClass) {
        return table.candidates(request(requestClass), new SplittableRandom(1));
    }

    /** Returns the candidates after one ranking. */
    private Candidates candidates(Conf conf, BackendSnapshot... snapshots) {
        return candidates(new Planner(conf, ALL, IDLE).plan(ranking(snapshots)), GPT);
    }

    private static RequestClass model(String model) {
        return new RequestClass(Api.CHAT_COMPLETIONS, model, true);
    }

    private static List<String> names(Candidates candidates) {
        return candidates.list().stream()
                .map(candidate -> candidate.snapshot().backend().name())
                .toList();
    }

    private static List<String> open(Candidates candidates) {
        return names(candidates).subList(0, candidates.openCount());
    }

    @Test
    void ordersOpenBackendsByCost() {
        Candidates candidates =
                candidates(conf(routing(), eu, eu2, us), snapshot(us, 100), snapshot(eu, 300), snapshot(eu2, 200));
        assertThat(open(candidates)).containsExactly("us", "eu2", "eu");
        assertThat(candidates.served()).isTrue();
        assertThat(candidates.panic()).isFalse();
        assertThat(candidates.rule()).isEmpty();
        assertThat(candidates.list()).extracting(Candidate::index).containsExactly(2, 1, 0);
        assertThat(candidates.toleranceNanos())
                .isEqualTo((long) candidates.list().get(0).cost().plannedNanos() / 20);
    }

    @Test
    void anUnhealthyBackendComesLastEvenIfItIsFastest() {
        Candidates candidates = candidates(conf(routing(), eu, us), unhealthy(us, 10), snapshot(eu, 300));
        assertThat(names(candidates)).containsExactly("eu", "us");
        assertThat(open(candidates)).containsExactly("eu");
        assertThat(candidates.list().get(0).share()).isEqualTo(1);
        assertThat(candidates.list().get(1).share()).isZero();
        assertThat(candidates.list().get(1).note()).isEqualTo("unhealthy");
    }

    private Candidates weighted(Map<String, Integer> weights, BackendSnapshot... snapshots) {
        return candidates(conf(weightedRouting(weights), eu, eu2, us), snapshots);
    }

    @Test
    void sharesFollowTheWeightsOfOpenBackendsIfThePolicySaysSo() {
        Map<String, Integer> weights = Map.of("eu", 3, "eu2", 0);
        Candidates candidates = weighted(weights, snapshot(us, 10), snapshot(eu, 300), snapshot(eu2, 20));
        assertThat(names(candidates)).containsExactly("us", "eu2", "eu");
        assertThat(candidates.list()).extracting(Candidate::share).containsExactly(0.25, 0.0, 0.75);
        candidates = weighted(weights, unhealthy(us, 10), snapshot(eu, 300), snapshot(eu2, 20));
        assertThat(names(candidates)).containsExactly("eu2", "eu", "us");
        assertThat(candidates.list()).extracting(Candidate::share).containsExactly(0.0, 1.0, 0.0);
    }

    @Test
    void openBackendsWithoutAWeightShareTheRequestsIfNoOtherIsOpen() {
        Candidates candidates =
                weighted(Map.of("eu", 0, "eu2", 0), unhealthy(us, 10), snapshot(eu, 300), snapshot(eu2, 20));
        assertThat(candidates.list()).extracting(Candidate::share).containsExactly(0.5, 0.5, 0.0);
    }

    @Test
    void anUnprobedBackendIsUsedIfNoneIsHealthy() {
        Conf conf = conf(routing(Policy.LOWEST_LATENCY, Routing.DEFAULT.tierTolerance(), 0.01, false), eu, us);
        BackendSnapshot unknown = snapshot(us, Health.UNKNOWN, forecast(10));
        assertThat(open(candidates(conf, snapshot(eu, 300), unknown))).containsExactly("eu");
        Candidates candidates = candidates(conf, unhealthy(eu, 300), unknown);
        assertThat(open(candidates)).containsExactly("us");
        assertThat(candidates.panic()).isFalse();
    }

    @Test
    void anUnprobedBackendOfALowerTierIsOpenIfTiersHaveNoLimit() {
        Backend overflow = backend("overflow", 2, Map.of());
        BackendSnapshot unknown = snapshot(eu, Health.UNKNOWN, forecast(300));
        BackendSnapshot other = snapshot(overflow, 10);
        Conf unlimited = conf(routing(Policy.LOWEST_LATENCY, new TierTolerance.Unlimited(), 0.01, true), eu, overflow);
        Candidates candidates = candidates(unlimited, unknown, other);
        assertThat(open(candidates)).containsExactly("eu", "overflow");
        assertThat(candidates.list().get(0).share()).isEqualTo(1);
        assertThat(candidates.tiers().otherIsFaster()).isTrue();
        assertThat(candidates.tiers().overflow()).isEmpty();
        Candidates limited = candidates(conf(routing(), eu, overflow), unknown, other);
        assertThat(open(limited)).containsExactly("overflow");
        assertThat(limited.tiers().overflow()).contains(Overflow.UNAVAILABLE);
    }

    @Test
    void anUnprobedBackendIsNotNeededIfItsTierIsOpen() {
        BackendSnapshot unknown = snapshot(eu2, Health.UNKNOWN, forecast(10));
        Conf unlimited = conf(routing(Policy.LOWEST_LATENCY, new TierTolerance.Unlimited(), 0.01, true), eu, eu2);
        assertThat(open(candidates(unlimited, snapshot(eu, 300), unknown))).containsExactly("eu");
    }

    @Test
    void aTierThatIsTooSlowIsTheReasonForOverflow() {
        Backend overflow = backend("overflow", 2, Map.of());
        Candidates candidates = candidates(conf(routing(), eu, overflow), snapshot(eu, 900), snapshot(overflow, 100));
        assertThat(open(candidates)).containsExactly("overflow", "eu");
        assertThat(candidates.tiers().overflow()).contains(Overflow.SLOWER);
        assertThat(candidates.tiers().preferredCount()).isEqualTo(1);
    }

    @Test
    void panicUsesTheLeastBadBackendIfTheConfAllowsIt() {
        Candidates candidates = candidates(conf(routing(), eu, us), unhealthy(eu, 300), unhealthy(us, 100));
        assertThat(candidates.panic()).isTrue();
        assertThat(open(candidates)).containsExactly("us", "eu");

        Conf strict = conf(routing(Policy.LOWEST_LATENCY, Routing.DEFAULT.tierTolerance(), 0.01, false), eu, us);
        Candidates none = candidates(strict, unhealthy(eu, 300), unhealthy(us, 100));
        assertThat(none.panic()).isFalse();
        assertThat(none.openCount()).isZero();
        assertThat(names(none)).containsExactly("us", "eu"); // kept to explain decisions
        assertThat(none.served()).isTrue();
    }

    @Test
    void aBackendThatFailsOftenCostsMore() {
        BackendSnapshot s = snapshot(us, 100);
        BackendSnapshot failing = failing(s, "gpt-4o", 0.5);
        assertThat(open(candidates(conf(routing(), eu, us), snapshot(eu, 200), failing)))
                .containsExactly("eu", "us");
    }

    @Test
    void aBackendMissingInTheRankingIsLeftOut() {
        assertThat(names(candidates(conf(routing(), eu, us), snapshot(us, 100))))
                .containsExactly("us");
        assertThat(candidates(conf(routing(), eu, us)).openCount()).isZero();
    }

    @Test
    void exploresABackendAgainWhateverItsRequestsHaveTaught() {
        double log = Math.log(1000.0 * MILLI);
        Forecast slow = new Forecast(
                new Prediction(Prediction.Basis.LIVE, 500 * MILLI, log, 2, 0.1, ProbeTimes.ABSENT),
                log,
                0,
                Long.MIN_VALUE,
                log,
                LoadCurve.FLAT);
        Planner planner = new Planner(conf(routing(), eu, us), ALL, IDLE);
        boolean explored = false;
        for (int publication = 0; publication < 200; publication++) {
            Ranking ranking = ranking(snapshot(eu, 100), snapshot(us, Health.HEALTHY, slow));
            explored |= candidates(planner.plan(ranking), GPT).exploration().tryTake(1);
        }
        assertThat(explored).isTrue();
    }

    @Test
    void nothingIsExploredIfTheConfHasZero() {
        Conf conf = conf(routing(Policy.LOWEST_LATENCY, Routing.DEFAULT.tierTolerance(), 0, true), eu, us);
        Planner planner = new Planner(conf, ALL, IDLE);
        for (int publication = 0; publication < 50; publication++) {
            Ranking ranking = ranking(snapshot(eu, 100), snapshot(us, Health.HEALTHY, forecast(50, 900, 0.5, 50)));
            Candidates candidates = candidates(planner.plan(ranking), GPT);
            assertThat(candidates.exploration().share()).isZero();
            assertThat(candidates.exploration().tryTake(1)).isFalse();
        }
    }

    @Test
    void anUnlistedModelGoesToBackendsThatServeEveryModel() {
        Backend listing = backend("listing", 1, Map.of(), "gpt-4o");
        RoutingTable table = new Planner(conf(routing(), listing, us), ALL, IDLE)
                .plan(ranking(snapshot(listing, 100), snapshot(us, 200)));
        assertThat(names(candidates(table, model("gpt-4o")))).containsExactly("listing", "us");
        assertThat(names(candidates(table, model("other")))).containsExactly("us");
        assertThat(names(candidates(table, model("")))).containsExactly("listing", "us");
        assertThat(table.needsModel()).isTrue();
    }

    @Test
    void aModelThatNoBackendServesIsNotServed() {
        Backend listing = backend("listing", 1, Map.of(), "gpt-4o");
        RequestClass other = model("other");
        RoutingTable table = new Planner(conf(routing(), listing), ALL, IDLE)
                .plan(ranking(Map.of(other, new ClassForecast(new double[12], 1, 0, 0)), snapshot(listing, 100)));
        for (RequestClass unserved : List.of(other, model("never-seen"))) {
            Candidates candidates = candidates(table, unserved);
            assertThat(candidates.served()).isFalse();
            assertThat(candidates.list()).isEmpty();
        }
        assertThat(candidates(table, GPT).served()).isTrue();
    }

    @Test
    void theLongestListedPrefixOfAModelDecidesWhichBackendsServeIt() {
        Backend narrow = backend("narrow", 1, Map.of(), "gpt-4o*");
        Backend broad = backend("broad", 1, Map.of(), "gpt-*");
        Backend exact = backend("exact", 1, Map.of(), "gpt-4o-mini");
        RequestClass seen = model("gpt-4o-seen");
        RoutingTable table = new Planner(conf(routing(), narrow, broad, exact), ALL, IDLE)
                .plan(ranking(
                        Map.of(seen, new ClassForecast(new double[12], 1, 0, 0)),
                        snapshot(narrow, 100),
                        snapshot(broad, 200),
                        snapshot(exact, 300)));
        assertThat(names(candidates(table, model("gpt-4o-2024")))).containsExactly("narrow", "broad");
        assertThat(names(candidates(table, seen))).containsExactly("narrow", "broad");
        assertThat(names(candidates(table, model("gpt-4o-mini")))).containsExactly("narrow", "broad", "exact");
        assertThat(names(candidates(table, model("gpt-5")))).containsExactly("broad");
        assertThat(candidates(table, model("o3")).served()).isFalse();
    }

    @Test
    void anUnlistedModelGoesToTheBackendsForUnknownModels() {
        Backend listing = backend("listing", 1, Map.of(), "gpt-4o");
        Backend catching = backend("catching", 1, Map.of(), "gpt-5");
        RequestClass seen = model("seen");
        RoutingTable table = new Planner(conf(unknownModelsTo("catching"), listing, catching), ALL, IDLE)
                .plan(ranking(
                        Map.of(seen, new ClassForecast(new double[12], 1, 0, 0)),
                        snapshot(listing, 100),
                        snapshot(catching, 200)));
        assertThat(names(candidates(table, model("other")))).containsExactly("catching");
        assertThat(names(candidates(table, seen))).containsExactly("catching");
        assertThat(names(candidates(table, model("gpt-4o")))).containsExactly("listing");
    }

    @Test
    void anOperationIsNotSentToABackendWithoutIt() {
        RoutingTable table = new Planner(
                        conf(routing(), eu, us), (backend, api) -> api != Api.RESPONSES || backend.equals(us), IDLE)
                .plan(ranking(snapshot(eu, 100), snapshot(us, 200)));
        assertThat(names(candidates(table, GPT))).containsExactly("eu", "us");
        assertThat(names(candidates(table, new RequestClass(Api.RESPONSES, "gpt-4o", true))))
                .containsExactly("us");
    }

    @Test
    void anUnseenClassUsesTheDefaultForecasts() {
        RoutingTable table =
                new Planner(conf(routing(), eu, us), ALL, IDLE).plan(ranking(snapshot(eu, 200), snapshot(us, 100)));
        for (Api api : Api.values()) {
            assertThat(open(candidates(table, new RequestClass(api, "never-seen", true))))
                    .containsExactly("us", "eu");
        }
    }

    @Test
    void largePromptsMayGoToAnotherBackend() {
        // A long prompt takes e² times the service time; the network part stays.
        double[] effects = {0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2};
        BackendSnapshot far = withNetwork(snapshot(us, 50), 100 * MILLI);
        BackendSnapshot near = snapshot(eu, 100);
        RoutingTable table = new Planner(conf(routing(), eu, us), ALL, IDLE)
                .plan(ranking(Map.of(GPT, new ClassForecast(effects, 0b1000001, 0, 0)), far, near));
        RequestFacts small = request(GPT);
        RequestFacts large = new RequestFacts(GPT, small.target(), small.headers(), 40_000);
        SplittableRandom random = new SplittableRandom(1);
        assertThat(open(table.candidates(small, random))).containsExactly("eu", "us");
        assertThat(open(table.candidates(large, random))).containsExactly("us", "eu");
    }

    @Test
    void exploresNoFarBackendIfOnlyRequestsShowThatItIsFar() {
        assertThat(exploresFar(us)).isTrue(); // its probes say that it is near
        Probe probe = us.probe();
        Backend inferenceProbed = new Backend(
                us.name(),
                us.provider(),
                us.url(),
                us.region(),
                us.tier(),
                us.labels(),
                us.credential(),
                us.models(),
                new Probe(
                        probe.interval(),
                        probe.timeout(),
                        probe.healthyAfter(),
                        probe.unhealthyAfter(),
                        new Probe.Kind.Inference("gpt-4o", true)),
                us.ca(),
                us.headers());
        assertThat(exploresFar(inferenceProbed)).isFalse();
    }

    private boolean exploresFar(Backend backend) {
        BackendSnapshot far = withNetwork(snapshot(backend, 30), 150 * MILLI);
        return candidates(conf(routing(), eu, backend), snapshot(eu, 100), far)
                .exploration()
                .isDue();
    }

    private static BackendSnapshot withNetwork(BackendSnapshot s, long networkNanos) {
        Forecast o = s.defaultForecast();
        Prediction p = o.prediction();
        Forecast far = new Forecast(
                new Prediction(p.basis(), networkNanos, p.logService(), p.spread(), p.uncertainty(), p.tokenNanos()),
                o.optimisticLogService(),
                o.observedAtNanos(),
                o.returnedAtNanos(),
                o.ordinaryLogService(),
                o.loadCurve());
        return snapshot(s.backend(), s.health(), far);
    }
}
