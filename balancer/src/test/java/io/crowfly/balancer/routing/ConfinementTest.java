package io.crowfly.balancer.routing;

import static io.crowfly.balancer.routing.RoutingFixtures.IDLE;
import static io.crowfly.balancer.routing.RoutingFixtures.MILLI;
import static io.crowfly.balancer.routing.RoutingFixtures.SECOND;
import static io.crowfly.balancer.routing.RoutingFixtures.backend;
import static io.crowfly.balancer.routing.RoutingFixtures.conf;
import static io.crowfly.balancer.routing.RoutingFixtures.forecast;
import static io.crowfly.balancer.routing.RoutingFixtures.routing;
import static io.crowfly.balancer.routing.RoutingFixtures.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.conf.Backend;
import io.crowfly.conf.BackendFilter;
import io.crowfly.conf.Policy;
import io.crowfly.conf.RequestCondition;
import io.crowfly.conf.Routing;
import io.crowfly.conf.Rule;
import io.crowfly.conf.value.Glob;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.ClassForecast;
import io.crowfly.probes.forecast.RequestClass;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;

/** Requests that a rule confines use only the backends of that rule. */
class ConfinementTest {

    private static final RequestClass GPT = new RequestClass(Api.CHAT_COMPLETIONS, "gpt-4o", true);
    private static final BiPredicate<Backend, Api> SERVES_ALL = (backend, api) -> true;

    private final Backend eu = backend("eu", 1, Map.of("zone", "eu"));
    private final Backend eu2 = backend("eu2", 1, Map.of("zone", "eu"));
    private final Backend us = backend("us", 1, Map.of("zone", "us"));
    private final Rule euOnly = new Rule(
            "stays-in-the-eu",
            new RequestCondition(Optional.empty(), Optional.empty(), Map.of("x-data-zone", new Glob("eu"))),
            new BackendFilter(Optional.empty(), Optional.empty(), Map.of("zone", "eu"), Set.of()),
            1);

    private long version;

    private Ranking ranking(BackendSnapshot... snapshots) {
        version++;
        ClassForecast known = new ClassForecast(new double[12], 1, 0, 0);
        return new Ranking(version, SECOND + version * 50 * MILLI, List.of(snapshots), Map.of(GPT, known));
    }

    private static BackendSnapshot unhealthy(Backend backend, double millis) {
        return snapshot(backend, Health.UNHEALTHY, forecast(millis));
    }

    private static Candidates candidates(RoutingTable table, boolean fromTheEu) {
        HeaderMatcher headers = (name, value) -> fromTheEu && name.equals("x-data-zone") && value.matches("eu");
        return table.candidates(new RequestFacts(GPT, "/v1/chat/completions", headers, 1000), new SplittableRandom(1));
    }

    private static List<String> names(Candidates candidates) {
        return candidates.list().stream()
                .map(candidate -> candidate.snapshot().backend().name())
                .toList();
    }

    @Test
    void aRuleConfinesRequestsAndIsNamed() {
        RoutingTable table = new Planner(conf(routing(euOnly), us, eu, eu2), SERVES_ALL, IDLE)
                .plan(ranking(snapshot(us, 10), snapshot(eu, 300), snapshot(eu2, 200)));
        Candidates bound = candidates(table, true);
        assertThat(names(bound)).containsExactly("eu2", "eu");
        assertThat(bound.rule()).contains("stays-in-the-eu");
        assertThat(names(candidates(table, false))).containsExactly("us", "eu2", "eu");
        assertThat(candidates(table, false).rule()).isEmpty();
    }

    @Test
    void aRuleConfinesPanicToo() {
        RoutingTable table = new Planner(conf(routing(euOnly), us, eu), SERVES_ALL, IDLE)
                .plan(ranking(snapshot(us, 10), unhealthy(eu, 300)));
        Candidates bound = candidates(table, true);
        assertThat(bound.panic()).isTrue();
        assertThat(names(bound)).containsExactly("eu");
    }

    @Test
    void aRuleWithoutBackendsLeavesNoCandidates() {
        RoutingTable table = new Planner(conf(routing(euOnly), us), SERVES_ALL, IDLE).plan(ranking(snapshot(us, 10)));
        Candidates bound = candidates(table, true);
        assertThat(bound.list()).isEmpty();
        assertThat(bound.openCount()).isZero();
        assertThat(bound.served()).isTrue();
        assertThat(bound.rule()).contains("stays-in-the-eu");
    }

    @Test
    void aRuleConfinesExplorationOverManyRankings() {
        Planner planner = new Planner(
                conf(routing(Policy.LOWEST_LATENCY, Routing.DEFAULT.tierTolerance(), 0.1, true, euOnly), us, eu, eu2),
                SERVES_ALL,
                IDLE);
        Chooser chooser = new Chooser(new SplittableRandom(1));
        SplittableRandom random = new SplittableRandom(2);
        int explored = 0;
        for (int publication = 0; publication < 200; publication++) {
            double slower = 300 * random.nextDouble();
            BackendSnapshot hopeful = snapshot(us, Health.HEALTHY, forecast(10, 10, 0.3, 1));
            BackendSnapshot hopefulToo = snapshot(eu2, Health.HEALTHY, forecast(50, 400, 0.3, 50));
            Candidates bound = candidates(planner.plan(ranking(hopeful, snapshot(eu, 100 + slower), hopefulToo)), true);
            for (int request = 0; request < 20; request++) {
                Candidate chosen = bound.list().get(chooser.chooseFirst(bound, IDLE, true));
                assertThat(chosen.snapshot().backend().name()).startsWith("eu");
                explored += chosen.index() == 2 && chosen.share() == 0 ? 1 : 0;
            }
        }
        assertThat(explored).isPositive();
    }
}
