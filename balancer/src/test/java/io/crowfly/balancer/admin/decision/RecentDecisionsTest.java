package io.crowfly.balancer.admin.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import io.crowfly.balancer.attempt.AttemptRecord;
import io.crowfly.balancer.attempt.AttemptRecord.Role;
import io.crowfly.balancer.content.response.Usage;
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
    private final RecentDecisions decisions = new RecentDecisions(32 * 1024 * 1024);
    private final Consumer<Outcome> recorder = decisions.recorderOfNextLoop();
    private Candidates current = Candidates.NONE;

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
        return outcome(number, 200, number, candidates);
    }

    private static Outcome outcome(int number, int status, long startedEpochMillis, Candidates candidates) {
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
                status,
                Optional.empty(),
                false,
                false,
                0,
                0,
                startedEpochMillis,
                -1,
                -1,
                -1,
                Optional.empty(),
                0);
    }

    private List<Decision> find(int count, Optional<String> id) throws Exception {
        return decisions.find(count, id, List.of(loop), Runnable::run).get(10, TimeUnit.SECONDS);
    }

    @Test
    void keepsTenMinutesAt100RequestsPerSecond() throws Exception {
        int perPublication = 5; // plans change up to twenty times a second
        for (int i = 0; i < 60_000; i++) {
            if (i % perPublication == 0) {
                current = candidates(6);
            }
            recorder.accept(outcome(i, current));
        }
        assertThat(find(10, Optional.of("0")))
                .singleElement()
                .returns(0L, Decision::startedEpochMillis)
                .extracting(Decision::candidates, LIST)
                .hasSize(6);
        assertThat(find(3, Optional.empty()))
                .extracting(Decision::requestId)
                .containsExactly("59999", "59998", "59997");
    }

    @Test
    void forgetsTheOldestDecisionsAtItsBound() throws Exception {
        RecentDecisions small = new RecentDecisions(4 * Segment.BYTES);
        Consumer<Outcome> smallRecorder = small.recorderOfNextLoop();
        for (int i = 0; i < 20_000; i++) {
            smallRecorder.accept(outcome(i, candidates(1)));
        }
        List<Decision> kept = small.find(Integer.MAX_VALUE, Optional.empty(), List.of(loop), Runnable::run)
                .get(10, TimeUnit.SECONDS);
        assertThat(kept).hasSizeBetween(2000, 19_000);
        // Without a gap, newest first.
        for (int i = 0; i < kept.size(); i++) {
            assertThat(kept.get(i).requestId()).isEqualTo(Integer.toString(19_999 - i));
        }
    }

    @Test
    void leavesOutOrdinaryDecisionsBeyondAThousandPerSecond() throws Exception {
        for (int i = 0; i < DecisionRecorder.MAX_PER_SECOND + 10; i++) {
            recorder.accept(outcome(i, 200, 0, Candidates.NONE));
        }
        recorder.accept(outcome(5000, 502, 999, Candidates.NONE));
        recorder.accept(outcome(6000, 200, 1000, Candidates.NONE));
        assertThat(find(3, Optional.empty())).extracting(Decision::requestId).containsExactly("6000", "5000", "999");
    }

    @Test
    void keepsHundredsOfCandidates() throws Exception {
        recorder.accept(outcome(1, candidates(DecisionRecorder.MAX_CANDIDATES + 100)));
        assertThat(find(1, Optional.empty()).get(0).candidates()).hasSize(DecisionRecorder.MAX_CANDIDATES);
    }

    @Test
    void keepsEveryValueOfADecision() throws Exception {
        current = candidates(2);
        AttemptRecord failed = new AttemptRecord(
                0, Role.FIRST, "lowest latency", Optional.empty(), "status 500", 3, true, -1, Optional.empty());
        AttemptRecord retry = new AttemptRecord(
                1, Role.RETRY, "next best", Optional.empty(), "status 200", 0, false, 7_000_000, Optional.empty());
        recorder.accept(new Outcome(
                "id-é-日本",
                "up-1 up-2",
                "127.0.0.1",
                "POST",
                "/v1/chat/completions",
                new RequestClass(Api.CHAT_COMPLETIONS, "m", true),
                current,
                Optional.empty(),
                List.of(failed, retry),
                true,
                "next best",
                200,
                Optional.of("broken"),
                false,
                false,
                12_345,
                5_000_000_000L,
                1_700_000_000_000L,
                1_000_000,
                2_000_000,
                -1,
                Optional.of(new Usage(11, 22)),
                3_000_000));
        Decision decision = find(1, Optional.of("id-é-日本")).get(0);
        assertThat(decision)
                .isEqualTo(new Decision(
                        1_700_000_000_003L,
                        1_700_000_000_000L,
                        "id-é-日本",
                        "up-1 up-2",
                        "POST",
                        "/v1/chat/completions",
                        "m",
                        "",
                        "",
                        "next best",
                        "",
                        false,
                        0,
                        List.of(
                                rounded(Decision.Option.of(current.list().get(0), true)),
                                rounded(Decision.Option.of(current.list().get(1), true))),
                        200,
                        "broken",
                        true,
                        List.of(
                                new Decision.Try("a", Role.FIRST, "lowest latency", "status 500", 3, true, 0, 0, -1),
                                new Decision.Try(
                                        "a", Role.RETRY, "next best", "status 200", 0, false, -1, -1, 7_000_000)),
                        1_000_000,
                        2_000_000,
                        -1,
                        3_000_000,
                        12_345,
                        5_000_000_000L,
                        11,
                        22));
        assertThat(find(1, Optional.of("up-2"))).containsExactly(decision);
        assertThat(find(1, Optional.of("up-3"))).isEmpty();
    }

    /** Returns the figures as precise as they are kept. */
    private static Decision.Option rounded(Decision.Option option) {
        return new Decision.Option(
                option.name(),
                option.tier(),
                option.health(),
                option.open(),
                option.note(),
                Math.round(option.failureShare() * 1000) / 1000.0,
                option.share(),
                option.basis(),
                option.known(),
                Math.round(option.latencyNanos() / 1000.0) * 1000,
                option.networkNanos(),
                option.uncertainty(),
                Math.round(option.costNanos() / 1000.0) * 1000,
                option.load(),
                Math.round(option.loadNanos() / 1000.0) * 1000);
    }
}
