package io.crowfly.balancer.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StateIdFormatTest {

    @Test
    void anIdStandsForASecretWithoutContainingIt() {
        String id = StateIdFormat.fromSecret("ek_1");

        assertThat(id).isEqualTo(StateIdFormat.fromSecret("ek_1")).isNotEqualTo(StateIdFormat.fromSecret("ek_2"));
        assertThat(id).doesNotContain("ek_1");
        assertThat(StateIdFormat.isWellFormed(id)).isTrue();
    }

    @Test
    void everyInstanceMakesTheSameDigest() {
        // The example of FIPS 180-2, appendix B.1.
        assertThat(StateIdFormat.fromSecret("abc"))
                .isEqualTo("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
