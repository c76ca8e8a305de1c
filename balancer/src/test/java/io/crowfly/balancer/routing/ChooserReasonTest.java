package io.crowfly.balancer.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Candidates.Exploration;
import io.crowfly.balancer.routing.Chooser.Reason;
import io.crowfly.balancer.testbed.TestSnapshots;
import io.crowfly.conf.Policy;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.ModelHealth;
import io.crowfly.probes.forecast.LoadCurve;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Reasons that {@link Chooser} reports. */
class ChooserReasonTest {

    private static final BackendLoad IDLE = load(0);

    private final Chooser chooser = new Chooser(new SplittableRandom(1));

    private static BackendLoad load(long atTheFirst) {
        return new BackendLoad() {
            @Override
            public long inFlight(int index) {
                return index == 0 ? atTheFirst : 0;
            }

            @Override
            public boolean hasIdleConnection(int index) {
                return true;
            }
        };
    }

    private static Candidate candidate(int index, double nanos, double share) {
        BackendSnapshot snapshot = TestSnapshots.snapshot(TestSnapshots.backend("b" + index), false, false);
        return new Candidate(
                index,
                snapshot,
                ModelHealth.HEALTHY,
                snapshot.defaultForecast(),
                Cost.of(nanos, 0, LoadCurve.flatUpTo(4), 1, 1),
                share,
                false,
                "");
    }

    private static Candidates among(Policy policy, Exploration exploration) {
        List<Candidate> list = List.of(candidate(0, 100, 1), candidate(1, 200, 0));
        return new Candidates(policy, list, 2, true, false, Optional.empty(), 5, exploration, Tiers.ONE);
    }

    @Test
    void choosesByShareInOrdinaryTimes() {
        assertThat(chooser.chooseFirst(among(Policy.LOWEST_LATENCY, Exploration.NONE), IDLE, true))
                .isZero();
        assertThat(chooser.reason()).isEqualTo(Reason.SHARE);
    }

    @Test
    void choosesTheCheaperWhileOurRequestsSlowTheOther() {
        assertThat(chooser.chooseFirst(among(Policy.LOWEST_LATENCY, Exploration.NONE), load(40), true))
                .isEqualTo(1);
        assertThat(chooser.reason()).isEqualTo(Reason.CHEAPER_NOW);
    }

    @Test
    void exploresOncePerPermitAndOnlyWithRequestsThatMay() {
        Candidates candidates =
                among(Policy.LOWEST_LATENCY, new Exploration(1, 1, 1, new ExplorationBudget(0), new AtomicBoolean()));
        assertThat(chooser.chooseFirst(candidates, IDLE, false)).isZero();
        assertThat(chooser.reason()).isEqualTo(Reason.SHARE);
        assertThat(chooser.chooseFirst(candidates, IDLE, true)).isEqualTo(1);
        assertThat(chooser.reason()).isEqualTo(Reason.EXPLORATION);
        assertThat(chooser.chooseFirst(candidates, IDLE, true)).isZero();
        assertThat(chooser.reason()).isEqualTo(Reason.SHARE);
    }

    @Test
    void usesAnotherPolicyIfTheConfHasOne() {
        chooser.chooseFirst(among(Policy.ROUND_ROBIN, Exploration.NONE), IDLE, true);
        assertThat(chooser.reason()).isEqualTo(Reason.POLICY);
    }
}
