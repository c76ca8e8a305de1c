package io.crowfly.balancer.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.exchange.Outcome;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Cost;
import io.crowfly.balancer.routing.Tiers;
import io.crowfly.balancer.testbed.TestSnapshots;
import io.crowfly.conf.Policy;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.ModelHealth;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.LoadCurve;
import io.crowfly.probes.forecast.RequestClass;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecentDecisionsTest {

    private final EventLoop loop = new DefaultEventLoop();
    private final RecentDecisions decisions = new RecentDecisions();
    private final Consumer<Outcome> recorder = decisions.recorderOfNextLoop();

    @AfterEach
    void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static Candidates candidates(int backends) {
        BackendSnapshot backend = TestSnapshots.snapshot(TestSnapshots.backend("a"), false, false);
        Candidate candidate = new Candidate(
                0,
                backend,
                ModelHealth.HEALTHY,
                backend.defaultForecast(),
                new Cost(1, 0, LoadCurve.FLAT, 1, 1, 0),
                1,
                false,
                "");
        return new Candidates(
                Policy.LOWEST_LATENCY,
                Collections.nCopies(backends, candidate),
                backends,
                true,
                false,
                Optional.empty(),
                0,
                Candidates.NONE.exploration(),
                Tiers.ONE);
    }

    private static Outcome outcome(int number, Candidates candidates) {
        return new Outcome(
                Integer.toString(number),
                "",
                "127.0.0.1",
                "GET",
                "/v1/models",
                new RequestClass(Api.OTHER, "", false),
                candidates,
                Optional.empty(),
                List.of(),
                false,
                "",
                200,
                Optional.empty(),
                false,
                false,
                0,
                0,
                number,
                -1,
                -1,
                -1,
                Optional.empty(),
                0);
    }

    private List<Outcome> newestAfterRecording(int count, Candidates candidates) throws Exception {
        for (int i = 0; i < count; i++) {
            recorder.accept(outcome(i, candidates));
        }
        return decisions.last(Integer.MAX_VALUE, List.of(loop)).get(10, TimeUnit.SECONDS);
    }

    @Test
    void keepsTheNewestOutcomes() throws Exception {
        List<Outcome> kept = newestAfterRecording(RecentDecisions.OUTCOMES_PER_LOOP + 3, candidates(6));
        assertThat(kept).hasSize(RecentDecisions.OUTCOMES_PER_LOOP);
        assertThat(kept.get(0).requestId()).isEqualTo(Integer.toString(RecentDecisions.OUTCOMES_PER_LOOP + 2));
    }

    @Test
    void keepsFewerOutcomesIfEachHasVeryManyCandidates() throws Exception {
        assertThat(newestAfterRecording(300, candidates(500))).hasSize(RecentDecisions.CANDIDATES_PER_LOOP / 500);
        assertThat(newestAfterRecording(2, candidates(RecentDecisions.CANDIDATES_PER_LOOP + 1)))
                .hasSize(1);
    }
}
