package io.crowfly.balancer.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IdsTest {

    @Test
    void anIdStandsForASecretWithoutShowingIt() {
        String id = Ids.ofSecret("ek_1");

        assertThat(id).isEqualTo(Ids.ofSecret("ek_1")).isNotEqualTo(Ids.ofSecret("ek_2"));
        assertThat(id).doesNotContain("ek_1");
        assertThat(Ids.askable(id)).isTrue();
    }

    @Test
    void aDigestIsTheOneThatOtherInstancesMake() {
        // The example of FIPS 180-2, appendix B.1.
        assertThat(Ids.ofSecret("abc"))
                .isEqualTo("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
