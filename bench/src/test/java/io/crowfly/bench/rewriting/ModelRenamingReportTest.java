package io.crowfly.bench.rewriting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crowfly.bench.peers.PeerScenario;
import io.crowfly.bench.peers.ProxySample;
import io.crowfly.bench.proof.Proof;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelRenamingReportTest {

    private static final List<ProxySample> PLAIN = List.of(sample(20_000, 0), sample(30_000, 0), sample(19_000, 0));

    @Test
    void comparesMediansAndSuccessiveRounds() {
        RenamingComparison comparison = comparison(sample(21_000, 0), sample(33_000, 0), sample(22_800, 0));

        assertThat(comparison.ratio()).isCloseTo(1.14, within(1e-9));
        assertThat(comparison.ratios()).containsExactly(1.05, 1.1, 1.2);
        assertThat(proof(comparison).markdown())
                .contains("| renaming | 22.8 | 21.0–33.0 | 1.14 | 500 | 12 |")
                .contains("Round by round: 1.05 1.10 1.20.");
    }

    @Test
    void holdsIfRenamingCostsAtMostATenth() {
        ProxySample tenth = sample(22_000, 0);
        ProxySample more = sample(22_001, 0);

        assertThat(proof(comparison(tenth, tenth, tenth)).holds()).isTrue();
        assertThat(proof(comparison(more, more, more)).holds()).isFalse();
    }

    @Test
    void doesNotHoldWithErrors() {
        assertThat(proof(comparison(sample(20_000, 1), sample(20_000, 0), sample(20_000, 0)))
                        .holds())
                .isFalse();
    }

    @Test
    void doesNotHoldIfNothingWasRenamed() {
        RenamingComparison comparison = new RenamingComparison(PeerScenario.POST, "gpt-4o", "gpt-4o", PLAIN, PLAIN);

        assertThat(proof(comparison).holds()).isFalse();
    }

    private static RenamingComparison comparison(ProxySample... renaming) {
        return new RenamingComparison(
                PeerScenario.POST_MODEL_LAST,
                RewritingBench.MODEL,
                RewritingBench.DEPLOYMENT,
                PLAIN,
                List.of(renaming));
    }

    private static Proof proof(RenamingComparison comparison) {
        return ModelRenamingReport.of(List.of(comparison), new ModelRenamingReport.Extent(1, 3, 8), Map.of());
    }

    private static ProxySample sample(long cpuMicros, long errors) {
        return new ProxySample(1000, cpuMicros, 2, 12 << 20, errors, 0, 0);
    }
}
