package io.crowfly.bench.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProofTest {

    private static final Claim HELD = Claim.zero("lost requests", 0);

    @Test
    void holdsIfAllClaimsHold() {
        assertThat(proof(HELD, Claim.equal("reloads", 100, 100), Claim.atMost("memory", 20, 20, " MiB"))
                        .holds())
                .isTrue();
    }

    @Test
    void failsIfOneClaimFails() {
        assertThat(proof(HELD, Claim.zero("leaks", 1)).holds()).isFalse();
        assertThat(proof(HELD, Claim.equal("reloads", 100, 99)).holds()).isFalse();
        assertThat(proof(HELD, Claim.atMost("memory", 20, 21, " MiB")).holds()).isFalse();
    }

    @Test
    void showsRequiredAndMeasuredValues() {
        assertThat(proof(HELD, Claim.atMost("memory", 20, 21, " MiB")).markdown())
                .contains("| lost requests | 0 | 0 | held |")
                .contains("| memory | at most 20 MiB | 21 MiB | **FAILED** |")
                .contains("- kernel: Linux");
    }

    private static Proof proof(Claim... claims) {
        return new Proof("Title", "Method.", Map.of("kernel", "Linux"), List.of(claims), "");
    }
}
