package io.crowfly.balancer.routing;

import static io.crowfly.balancer.routing.RoutingFixtures.IDLE;
import static io.crowfly.balancer.routing.RoutingFixtures.MILLI;
import static io.crowfly.balancer.routing.RoutingFixtures.SECOND;
import static io.crowfly.balancer.routing.RoutingFixtures.backend;
import static io.crowfly.balancer.routing.RoutingFixtures.conf;
import static io.crowfly.balancer.routing.RoutingFixtures.forecast;
import static io.crowfly.balancer.routing.RoutingFixtures.routing;
import static io.crowfly.balancer.routing.RoutingFixtures.snapshot;
import static io.crowfly.balancer.routing.RoutingFixtures.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.crowfly.conf.Backend;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.ClassForecast;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.RequestClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a planner computes again, and what it publishes again as it was. */
class PlanReuseTest {

    private static final RequestClass GPT = new RequestClass(Api.CHAT_COMPLETIONS, "gpt-4o", true);
    private static final RequestClass O3 = new RequestClass(Api.CHAT_COMPLETIONS, "o3", true);
    private static final Map<RequestClass, ClassForecast> CLASSES =
            Map.of(GPT, new ClassForecast(new double[12], 1, 0, 0), O3, new ClassForecast(new double[12], 1, 0, 0));

    private final Backend eu = backend("eu");
    private final Backend us = backend("us");
    private final AtomicLong usLoad = new AtomicLong();
    private final Planner planner = new Planner(
            conf(routing(), eu, us), (backend, api) -> true, index -> index == 1 ? usLoad.get() : IDLE.inFlight(index));
    private long version;

    private final BackendSnapshot euAt100 = of(eu, forecast(100), forecast(100));
    private final BackendSnapshot usAt200 = of(us, forecast(200), forecast(200));

    private static BackendSnapshot of(Backend backend, Forecast gpt, Forecast o3) {
        return with(snapshot(backend, Health.HEALTHY, gpt), Map.of(GPT, gpt, O3, o3));
    }

    /** Returns the table of the next ranking, 50 ms after the last one. */
    private RoutingTable plan(BackendSnapshot... snapshots) {
        return plan(planner, List.of(snapshots));
    }

    private RoutingTable plan(Planner of, List<BackendSnapshot> snapshots) {
        version++;
        return of.plan(new Ranking(version, SECOND + version * 50 * MILLI, snapshots, CLASSES));
    }

    private void settle() {
        for (int i = 0; i < 200; i++) {
            plan(euAt100, usAt200);
        }
    }

    private static Candidates candidates(RoutingTable table, RequestClass requestClass) {
        RequestFacts facts = new RequestFacts(requestClass, "/v1/chat/completions", (name, value) -> false, 100);
        return table.candidates(facts, new SplittableRandom(1));
    }

    @Test
    void nothingIsPublishedAgainWhileNothingChanges() {
        settle();
        RoutingTable before = plan(euAt100, usAt200);
        for (int i = 0; i < 100; i++) {
            assertThat(plan(euAt100, usAt200)).isSameAs(before);
        }
    }

    @Test
    void onlyTheClassWhoseForecastHasChangedGetsNewCandidates() {
        settle();
        RoutingTable before = plan(euAt100, usAt200);
        RoutingTable after = plan(of(eu, forecast(130), euAt100.forecast(O3)), usAt200);

        assertThat(candidates(after, O3)).isSameAs(candidates(before, O3));
        assertThat(candidates(after, GPT)).isNotSameAs(candidates(before, GPT));
        assertThat(candidates(after, GPT).list().get(0).forecast().prediction().meanNanos())
                .isGreaterThan(129 * MILLI);
    }

    @Test
    void aDifferenceThatDoesNotMatterIsNotPublished() {
        settle();
        RoutingTable before = plan(euAt100, usAt200);
        assertThat(plan(of(eu, forecast(100.1), forecast(100.1)), usAt200)).isSameAs(before);
    }

    @Test
    void smallDifferencesArePublishedOnceTheirSumMatters() {
        settle();
        double millis = 100;
        for (int i = 0; i < 100; i++) {
            millis *= 1.001;
            RoutingTable table = plan(of(eu, forecast(millis), forecast(millis)), usAt200);
            double published =
                    candidates(table, GPT).list().get(0).forecast().prediction().meanNanos();
            assertThat(published).isBetween(0.985 * millis * MILLI, 1.015 * millis * MILLI);
        }
    }

    @Test
    void amongManyBackendsASmallChangeWaitsForTheOneBeforeAndALargeOneDoesNot() {
        Backend[] backends =
                IntStream.range(0, 500).mapToObj(i -> backend("backend-" + i)).toArray(Backend[]::new);
        Planner many = new Planner(conf(routing(), backends), (backend, api) -> true, IDLE);
        List<BackendSnapshot> snapshots = new ArrayList<>();
        for (Backend backend : backends) {
            snapshots.add(of(backend, forecast(200), forecast(200)));
        }
        for (int i = 0; i < 200; i++) {
            plan(many, snapshots);
        }
        assertThat(best(plan(many, withFirst(snapshots, 100)))).isCloseTo(100 * MILLI, withinPercentage(0.1));
        assertThat(best(plan(many, withFirst(snapshots, 103)))).isCloseTo(100 * MILLI, withinPercentage(0.1));
        assertThat(best(plan(many, withFirst(snapshots, 130)))).isCloseTo(130 * MILLI, withinPercentage(0.1));
        for (int i = 0; i < 5; i++) { // 250 ms
            plan(many, withFirst(snapshots, 133));
        }
        assertThat(best(plan(many, withFirst(snapshots, 133)))).isCloseTo(133 * MILLI, withinPercentage(0.1));
    }

    private List<BackendSnapshot> withFirst(List<BackendSnapshot> snapshots, double millisOfTheFirst) {
        Backend first = snapshots.get(0).backend();
        snapshots.set(0, of(first, forecast(millisOfTheFirst), forecast(millisOfTheFirst)));
        return snapshots;
    }

    private static double best(RoutingTable table) {
        return candidates(table, GPT).list().get(0).forecast().prediction().meanNanos();
    }

    @Test
    void aChangeOfHealthIsInTheNextTable() {
        settle();
        RoutingTable after = plan(snapshot(eu, Health.UNHEALTHY, forecast(100)), usAt200);
        for (RequestClass requestClass : List.of(GPT, O3, new RequestClass(Api.EMBEDDINGS, "unseen", false))) {
            Candidates candidates = candidates(after, requestClass);
            assertThat(candidates.openCount()).isEqualTo(1);
            assertThat(candidates.list().get(0).snapshot().backend()).isEqualTo(us);
        }
    }

    @Test
    void aTakenExplorationIsFollowedByAnotherOneAfterItsPause() {
        BackendSnapshot unknown = of(us, forecast(200, 200, 0.5, 50), forecast(200));
        plan(euAt100, unknown);
        Candidates first = candidates(plan(euAt100, unknown), GPT);
        assertThat(first.exploration().isDue()).isTrue();
        assertThat(first.exploration().tryTake(1)).isTrue();

        int pause = 10; // 0.5 s
        for (int i = 0; i <= pause; i++) {
            boolean due = candidates(plan(euAt100, unknown), GPT).exploration().isDue();
            assertThat(due).isEqualTo(i == pause);
        }
    }

    @Test
    void unseenClassesShareTheirCandidates() {
        RoutingTable table = plan(euAt100, usAt200);
        assertThat(candidates(table, new RequestClass(Api.EMBEDDINGS, "a", false)))
                .isSameAs(candidates(table, new RequestClass(Api.RESPONSES, "b", true)));
    }
}
