package io.crowfly.balancer.routing;

import static io.crowfly.balancer.routing.Scene.IDLE;
import static io.crowfly.balancer.routing.Scene.MILLI;
import static io.crowfly.balancer.routing.Scene.SECOND;
import static io.crowfly.balancer.routing.Scene.backend;
import static io.crowfly.balancer.routing.Scene.conf;
import static io.crowfly.balancer.routing.Scene.outlook;
import static io.crowfly.balancer.routing.Scene.standing;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Objective;
import io.crowfly.conf.Routing;
import io.crowfly.probes.Api;
import io.crowfly.probes.ClassOutlook;
import io.crowfly.probes.Outlook;
import io.crowfly.probes.Prediction;
import io.crowfly.probes.ProbeTimes;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.RequestClass;
import io.crowfly.probes.Standing;
import io.crowfly.probes.Standing.Health;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is to be short: the time to the first token, or to the last one. Answers have a hundred. */
class ObjectiveTest {

    private static final RequestClass GPT = new RequestClass(Api.CHAT_COMPLETIONS, "gpt-4o", true);
    private static final RequestFacts REQUEST = new RequestFacts(GPT, "/v1/chat/completions", (n, v) -> false, 1000);

    private final Backend prompt = backend("prompt");
    private final Backend fluent = backend("fluent");

    private Candidates candidates(Objective objective, Standing... standings) {
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
                usual.unknownModels());
        Planner planner = new Planner(conf(routing, prompt, fluent), (backend, api) -> true, IDLE);
        Map<RequestClass, ClassOutlook> classes = Map.of(GPT, new ClassOutlook(new double[12], 1, 100, 0));
        Candidates candidates = Candidates.NONE;
        for (int publication = 1; publication <= 100; publication++) {
            Ranking ranking = new Ranking(publication, SECOND + publication * 50 * MILLI, List.of(standings), classes);
            candidates = planner.plan(ranking).candidates(REQUEST, new SplittableRandom(1));
        }
        return candidates;
    }

    private static Standing at(Backend backend, Outlook o, long tokenNanos) {
        Prediction p = o.prediction();
        Prediction streaming =
                new Prediction(p.basis(), p.networkNanos(), p.logService(), p.spread(), p.uncertainty(), tokenNanos);
        return standing(
                backend,
                Health.HEALTHY,
                new Outlook(
                        streaming,
                        o.hopedLogService(),
                        o.observedAtNanos(),
                        o.returnedAtNanos(),
                        o.ordinaryLogService(),
                        o.usualLoad(),
                        o.room()));
    }

    private static String best(Candidates candidates) {
        assertThat(candidates.list().get(0).share()).isGreaterThan(0.9);
        return candidates.list().get(0).standing().backend().name();
    }

    @Test
    void theFirstTokenOrTheWholeAnswerDecides() {
        Standing soon = at(prompt, outlook(100), 30 * MILLI);
        Standing later = at(fluent, outlook(400), 10 * MILLI);
        assertThat(best(candidates(Objective.FIRST_TOKEN, soon, later))).isEqualTo("prompt");
        assertThat(best(candidates(Objective.COMPLETION, soon, later))).isEqualTo("fluent");
    }

    @Test
    void aBackendWhoseTokensWereNeverTimedIsTakenForOneLikeTheOthers() {
        Standing known = at(prompt, outlook(100), 20 * MILLI);
        Standing unknown = at(fluent, outlook(400), ProbeTimes.ABSENT);
        assertThat(candidates(Objective.COMPLETION, known, unknown)
                        .list()
                        .get(0)
                        .standing())
                .isEqualTo(known);
    }

    @Test
    void aBackendIsNotExploredWhoseWholeAnswerIsNoSoonerForAllWeKnow() {
        Standing known = at(prompt, outlook(100), 20 * MILLI);
        Standing slow = at(fluent, outlook(900, 900, 0.1, 800), 60 * MILLI);
        Candidates candidates = candidates(Objective.COMPLETION, known, slow);
        assertThat(best(candidates)).isEqualTo("prompt");
        assertThat(candidates.exploration().take()).isFalse();
    }

    @Test
    void aBackendThatFailsIsNotExploredForAnswersThatAreSoonButRare() {
        Standing known = standing(prompt, 100);
        Standing s = standing(fluent, Health.HEALTHY, outlook(90, 200, 0.3, 90));
        Standing failing = new Standing(
                fluent,
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
        assertThat(candidates(Objective.FIRST_TOKEN, known, s).exploration().take())
                .isTrue();
        assertThat(candidates(Objective.FIRST_TOKEN, known, failing)
                        .exploration()
                        .take())
                .isFalse();
    }
}
