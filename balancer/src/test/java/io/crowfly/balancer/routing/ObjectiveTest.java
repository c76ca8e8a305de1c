package io.crowfly.balancer.routing;

import static io.crowfly.balancer.routing.RoutingFixtures.IDLE;
import static io.crowfly.balancer.routing.RoutingFixtures.MILLI;
import static io.crowfly.balancer.routing.RoutingFixtures.SECOND;
import static io.crowfly.balancer.routing.RoutingFixtures.backend;
import static io.crowfly.balancer.routing.RoutingFixtures.conf;
import static io.crowfly.balancer.routing.RoutingFixtures.failing;
import static io.crowfly.balancer.routing.RoutingFixtures.forecast;
import static io.crowfly.balancer.routing.RoutingFixtures.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Objective;
import io.crowfly.conf.Routing;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.ClassForecast;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The objective is the time to the first token or to completion. Responses have a hundred tokens. */
class ObjectiveTest {

    private static final RequestClass GPT = new RequestClass(Api.CHAT_COMPLETIONS, "gpt-4o", true);
    private static final RequestFacts REQUEST = new RequestFacts(GPT, "/v1/chat/completions", (n, v) -> false, 1000);

    private final Backend prompt = backend("prompt");
    private final Backend fluent = backend("fluent");

    private Candidates candidates(Objective objective, BackendSnapshot... snapshots) {
        Routing usual = Routing.DEFAULT;
        Routing routing = new Routing(
                usual.policy(),
                objective,
                usual.tolerance(),
                usual.tierTolerance(),
                usual.rules(),
                usual.retry(),
                usual.exploration(),
                usual.panic(),
                usual.hedge(),
                usual.unknownModels(),
                usual.weights());
        Planner planner = new Planner(conf(routing, prompt, fluent), (backend, api) -> true, IDLE);
        Map<RequestClass, ClassForecast> classes = Map.of(GPT, new ClassForecast(new double[12], 1, 100, 0));
        Candidates candidates = Candidates.NONE;
        for (int publication = 1; publication <= 100; publication++) {
            Ranking ranking = new Ranking(publication, SECOND + publication * 50 * MILLI, List.of(snapshots), classes);
            candidates = planner.plan(ranking).candidates(REQUEST, new SplittableRandom(1));
        }
        return candidates;
    }

    private static BackendSnapshot at(Backend backend, Forecast o, long tokenNanos) {
        Prediction p = o.prediction();
        Prediction streaming =
                new Prediction(p.basis(), p.networkNanos(), p.logService(), p.spread(), p.uncertainty(), tokenNanos);
        return snapshot(
                backend,
                Health.HEALTHY,
                new Forecast(
                        streaming,
                        o.optimisticLogService(),
                        o.observedAtNanos(),
                        o.returnedAtNanos(),
                        o.ordinaryLogService(),
                        o.loadCurve()));
    }

    private static String best(Candidates candidates) {
        assertThat(candidates.list().get(0).share()).isGreaterThan(0.9);
        return candidates.list().get(0).snapshot().backend().name();
    }

    @Test
    void ordersByFirstTokenOrByCompletion() {
        BackendSnapshot soon = at(prompt, forecast(100), 30 * MILLI);
        BackendSnapshot later = at(fluent, forecast(400), 10 * MILLI);
        assertThat(best(candidates(Objective.FIRST_TOKEN, soon, later))).isEqualTo("prompt");
        assertThat(best(candidates(Objective.COMPLETION, soon, later))).isEqualTo("fluent");
    }

    @Test
    void anUnknownTimeBetweenTokensIsAssumedToBeTheMean() {
        BackendSnapshot known = at(prompt, forecast(100), 20 * MILLI);
        BackendSnapshot unknown = at(fluent, forecast(400), ProbeTimes.ABSENT);
        assertThat(candidates(Objective.COMPLETION, known, unknown)
                        .list()
                        .get(0)
                        .snapshot())
                .isEqualTo(known);
    }

    @Test
    void aBackendIsNotExploredIfItsOptimisticCompletionIsLater() {
        BackendSnapshot known = at(prompt, forecast(100), 20 * MILLI);
        BackendSnapshot slow = at(fluent, forecast(900, 900, 0.1, 800), 60 * MILLI);
        Candidates candidates = candidates(Objective.COMPLETION, known, slow);
        assertThat(best(candidates)).isEqualTo("prompt");
        assertThat(candidates.exploration().tryTake(1)).isFalse();
    }

    @Test
    void aFailingBackendIsNotExplored() {
        BackendSnapshot known = snapshot(prompt, 100);
        BackendSnapshot s = snapshot(fluent, Health.HEALTHY, forecast(90, 200, 0.3, 90));
        BackendSnapshot failing = failing(s, "gpt-4o", 0.5);
        assertThat(candidates(Objective.FIRST_TOKEN, known, s).exploration().tryTake(1))
                .isTrue();
        assertThat(candidates(Objective.FIRST_TOKEN, known, failing)
                        .exploration()
                        .tryTake(1))
                .isFalse();
    }
}
