package io.crowfly.bench.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProofTest {

    private static final Claim HELD = Claim.none("lost requests", 0);

    @Test
    void holdsWhenAllOfItDoes() {
        assertThat(proof(HELD, Claim.all("reloads", 100, 100), Claim.atMost("memory", 20, 20, " MiB"))
                        .held())
                .isTrue();
    }

    @Test
    void failsWithOneClaim() {
        assertThat(proof(HELD, Claim.none("leaks", 1)).held()).isFalse();
        assertThat(proof(HELD, Claim.all("reloads", 100, 99)).held()).isFalse();
        assertThat(proof(HELD, Claim.atMost("memory", 20, 21, " MiB")).held()).isFalse();
    }

    @Test
    void tellsWhatWasRequiredAndWhatWasSeen() {
        assertThat(proof(HELD, Claim.atMost("memory", 20, 21, " MiB")).markdown())
                .contains("| lost requests | 0 | 0 | held |")
                .contains("| memory | at most 20 MiB | 21 MiB | **FAILED** |")
                .contains("- kernel: Linux");
    }

    private static Proof proof(Claim... claims) {
        return new Proof("Title", "Method.", Map.of("kernel", "Linux"), List.of(claims), "");
    }
}
