package io.crowfly.balancer.routing;

import static io.crowfly.balancer.routing.Scene.IDLE;
import static io.crowfly.balancer.routing.Scene.MILLI;
import static io.crowfly.balancer.routing.Scene.SECOND;
import static io.crowfly.balancer.routing.Scene.backend;
import static io.crowfly.balancer.routing.Scene.conf;
import static io.crowfly.balancer.routing.Scene.outlook;
import static io.crowfly.balancer.routing.Scene.routing;
import static io.crowfly.balancer.routing.Scene.standing;
import static io.crowfly.balancer.routing.Scene.unknownModelsTo;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Policy;
import io.crowfly.conf.Routing;
import io.crowfly.probes.Api;
import io.crowfly.probes.ClassOutlook;
import io.crowfly.probes.Outlook;
import io.crowfly.probes.Prediction;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.RequestClass;
import io.crowfly.probes.Standing;
import io.crowfly.probes.Standing.Health;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;

/** Where requests may go, and in which order, by the conf and by what is known. */
class PlannerTest {

    private static final RequestClass GPT = new RequestClass(Api.CHAT_COMPLETIONS, "gpt-4o", true);
    private static final BiPredicate<Backend, Api> ALL = (backend, api) -> true;

    private final Backend eu = backend("eu");
    private final Backend eu2 = backend("eu2");
    private final Backend us = backend("us");
    private long version;

    private Ranking ranking(Standing... standings) {
        return ranking(Map.of(GPT, new ClassOutlook(new double[12], 1, 0, 0)), standings);
    }

    private Ranking ranking(Map<RequestClass, ClassOutlook> classes, Standing... standings) {
        version++;
        return new Ranking(version, SECOND + version * 50 * MILLI, List.of(standings), classes);
    }

    private static Standing unhealthy(Backend backend, double millis) {
        return standing(backend, Health.UNHEALTHY, outlook(millis));
    }

    private static RequestFacts request(RequestClass requestClass) {
        return new RequestFacts(requestClass, "/v1/chat/completions", (name, value) -> false, 1000);
    }

    private static Candidates candidates(RoutingTable table, RequestClass requestClass) {
        return table.candidates(request(requestClass), new SplittableRandom(1));
    }

    /** After one publication. */
    private Candidates candidates(Conf conf, Standing... standings) {
        return candidates(new Planner(conf, ALL, IDLE).plan(ranking(standings)), GPT);
    }

    private static RequestClass model(String model) {
        return new RequestClass(Api.CHAT_COMPLETIONS, model, true);
    }

    private static List<String> names(Candidates candidates) {
        return candidates.list().stream()
                .map(candidate -> candidate.standing().backend().name())
                .toList();
    }

    private static List<String> open(Candidates candidates) {
        return names(candidates).subList(0, candidates.open());
    }

    @Test
    void theFastestComesFirstAndAllThatAreOpenFollow() {
        Candidates candidates =
                candidates(conf(routing(), eu, eu2, us), standing(us, 100), standing(eu, 300), standing(eu2, 200));
        assertThat(open(candidates)).containsExactly("us", "eu2", "eu");
        assertThat(candidates.served()).isTrue();
        assertThat(candidates.panic()).isFalse();
        assertThat(candidates.rule()).isEmpty();
        assertThat(candidates.list()).extracting(Candidate::index).containsExactly(2, 1, 0);
        assertThat(candidates.bandNanos())
                .isEqualTo((long) candidates.list().get(0).cost().nowNanos() / 20);
    }

    @Test
    void anUnhealthyOneComesLastHoweverFastItIs() {
        Candidates candidates = candidates(conf(routing(), eu, us), unhealthy(us, 10), standing(eu, 300));
        assertThat(names(candidates)).containsExactly("eu", "us");
        assertThat(open(candidates)).containsExactly("eu");
        assertThat(candidates.list().get(0).share()).isEqualTo(1);
        assertThat(candidates.list().get(1).share()).isZero();
        assertThat(candidates.list().get(1).note()).isEqualTo("not well");
    }

    @Test
    void oneThatHasNotBeenProbedIsUsedWhereNoHealthyOneIs() {
        Conf conf = conf(routing(Policy.LOWEST_LATENCY, Routing.DEFAULT.tierTolerance(), 0.01, false), eu, us);
        Standing unknown = standing(us, Health.UNKNOWN, outlook(10));
        assertThat(open(candidates(conf, standing(eu, 300), unknown))).containsExactly("eu");
        Candidates candidates = candidates(conf, unhealthy(eu, 300), unknown);
        assertThat(open(candidates)).containsExactly("us");
        assertThat(candidates.panic()).isFalse();
    }

    @Test
    void withAllUnhealthyTheLeastBadIsUsedIfTheConfSaysSo() {
        Candidates candidates = candidates(conf(routing(), eu, us), unhealthy(eu, 300), unhealthy(us, 100));
        assertThat(candidates.panic()).isTrue();
        assertThat(open(candidates)).containsExactly("us", "eu");

        Conf strict = conf(routing(Policy.LOWEST_LATENCY, Routing.DEFAULT.tierTolerance(), 0.01, false), eu, us);
        Candidates none = candidates(strict, unhealthy(eu, 300), unhealthy(us, 100));
        assertThat(none.panic()).isFalse();
        assertThat(none.open()).isZero();
        assertThat(names(none)).containsExactly("us", "eu"); // for explaining
        assertThat(none.served()).isTrue();
    }

    @Test
    void aBackendThatFailsOftenCostsMore() {
        Standing s = standing(us, 100);
        Standing failing = new Standing(
                us,
                s.health(),
                s.reason(),
                false,
                false,
                s.latencyNanos(),
                s.estimate(),
                s.lastProbe(),
                0,
                0.5,
                s.outlooks(),
                s.otherwise(),
                s.parked());
        assertThat(open(candidates(conf(routing(), eu, us), standing(eu, 200), failing)))
                .containsExactly("eu", "us");
    }

    @Test
    void whatTheRankingDoesNotHaveIsLeftOut() {
        assertThat(names(candidates(conf(routing(), eu, us), standing(us, 100))))
                .containsExactly("us");
        assertThat(candidates(conf(routing(), eu, us)).open()).isZero();
    }

    @Test
    void nothingIsExploredIfTheConfSaysZero() {
        Conf conf = conf(routing(Policy.LOWEST_LATENCY, Routing.DEFAULT.tierTolerance(), 0, true), eu, us);
        Planner planner = new Planner(conf, ALL, IDLE);
        for (int publication = 0; publication < 50; publication++) {
            Ranking ranking = ranking(standing(eu, 100), standing(us, Health.HEALTHY, outlook(50, 900, 0.5, 50)));
            Candidates candidates = candidates(planner.plan(ranking), GPT);
            assertThat(candidates.exploration().share()).isZero();
            assertThat(candidates.exploration().take()).isFalse();
        }
    }

    @Test
    void aModelThatNobodyListsGoesToThoseThatServeEveryModel() {
        Backend listing = backend("listing", 1, Map.of(), "gpt-4o");
        RoutingTable table = new Planner(conf(routing(), listing, us), ALL, IDLE)
                .plan(ranking(standing(listing, 100), standing(us, 200)));
        assertThat(names(candidates(table, model("gpt-4o")))).containsExactly("listing", "us");
        assertThat(names(candidates(table, model("other")))).containsExactly("us");
        assertThat(names(candidates(table, model("")))).containsExactly("listing", "us");
        assertThat(table.needsModel()).isTrue();
    }

    @Test
    void aModelThatNobodyServesIsNotServed() {
        Backend listing = backend("listing", 1, Map.of(), "gpt-4o");
        RequestClass other = model("other");
        RoutingTable table = new Planner(conf(routing(), listing), ALL, IDLE)
                .plan(ranking(Map.of(other, new ClassOutlook(new double[12], 1, 0, 0)), standing(listing, 100)));
        for (RequestClass unserved : List.of(other, model("never-seen"))) {
            Candidates candidates = candidates(table, unserved);
            assertThat(candidates.served()).isFalse();
            assertThat(candidates.list()).isEmpty();
        }
        assertThat(candidates(table, GPT).served()).isTrue();
    }

    @Test
    void theLongestListedBeginningOfAModelTellsWhoServesIt() {
        Backend narrow = backend("narrow", 1, Map.of(), "gpt-4o*");
        Backend broad = backend("broad", 1, Map.of(), "gpt-*");
        Backend exact = backend("exact", 1, Map.of(), "gpt-4o-mini");
        RequestClass seen = model("gpt-4o-seen");
        RoutingTable table = new Planner(conf(routing(), narrow, broad, exact), ALL, IDLE)
                .plan(ranking(
                        Map.of(seen, new ClassOutlook(new double[12], 1, 0, 0)),
                        standing(narrow, 100),
                        standing(broad, 200),
                        standing(exact, 300)));
        assertThat(names(candidates(table, model("gpt-4o-2024")))).containsExactly("narrow", "broad");
        assertThat(names(candidates(table, seen))).containsExactly("narrow", "broad");
        assertThat(names(candidates(table, model("gpt-4o-mini")))).containsExactly("narrow", "broad", "exact");
        assertThat(names(candidates(table, model("gpt-5")))).containsExactly("broad");
        assertThat(candidates(table, model("o3")).served()).isFalse();
    }

    @Test
    void aModelThatNobodyListsGoesToThoseThatTheConfNamesForSuch() {
        Backend listing = backend("listing", 1, Map.of(), "gpt-4o");
        Backend catching = backend("catching", 1, Map.of(), "gpt-5");
        RequestClass seen = model("seen");
        RoutingTable table = new Planner(conf(unknownModelsTo("catching"), listing, catching), ALL, IDLE)
                .plan(ranking(
                        Map.of(seen, new ClassOutlook(new double[12], 1, 0, 0)),
                        standing(listing, 100),
                        standing(catching, 200)));
        assertThat(names(candidates(table, model("other")))).containsExactly("catching");
        assertThat(names(candidates(table, seen))).containsExactly("catching");
        assertThat(names(candidates(table, model("gpt-4o")))).containsExactly("listing");
    }

    @Test
    void anApiThatABackendDoesNotHaveIsNotAskedOfIt() {
        RoutingTable table = new Planner(
                        conf(routing(), eu, us), (backend, api) -> api != Api.RESPONSES || backend.equals(us), IDLE)
                .plan(ranking(standing(eu, 100), standing(us, 200)));
        assertThat(names(candidates(table, GPT))).containsExactly("eu", "us");
        assertThat(names(candidates(table, new RequestClass(Api.RESPONSES, "gpt-4o", true))))
                .containsExactly("us");
    }

    @Test
    void aClassThatWasNeverSeenIsPlannedForByWhatHoldsOtherwise() {
        RoutingTable table =
                new Planner(conf(routing(), eu, us), ALL, IDLE).plan(ranking(standing(eu, 200), standing(us, 100)));
        for (Api api : Api.values()) {
            assertThat(open(candidates(table, new RequestClass(api, "never-seen", true))))
                    .containsExactly("us", "eu");
        }
    }

    @Test
    void largePromptsMayBeBetterOffElsewhere() {
        // A long prompt takes e² times the service time, and the network as long as ever.
        double[] effects = {0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2};
        Standing far = withNetwork(standing(us, 50), 100 * MILLI);
        Standing near = standing(eu, 100);
        RoutingTable table = new Planner(conf(routing(), eu, us), ALL, IDLE)
                .plan(ranking(Map.of(GPT, new ClassOutlook(effects, 0b1000001, 0, 0)), far, near));
        RequestFacts small = request(GPT);
        RequestFacts large = new RequestFacts(GPT, small.target(), small.headers(), 40_000);
        SplittableRandom random = new SplittableRandom(1);
        assertThat(open(table.candidates(small, random))).containsExactly("eu", "us");
        assertThat(open(table.candidates(large, random))).containsExactly("us", "eu");
    }

    private static Standing withNetwork(Standing s, long networkNanos) {
        Outlook o = s.otherwise();
        Prediction p = o.prediction();
        Outlook far = new Outlook(
                new Prediction(p.basis(), networkNanos, p.logService(), p.spread(), p.uncertainty(), p.tokenNanos()),
                o.hopedLogService(),
                o.observedAtNanos(),
                o.returnedAtNanos(),
                o.ordinaryLogService(),
                o.usualLoad(),
                o.room());
        return standing(s.backend(), s.health(), far);
    }
}
