package io.crowfly.bench.policies.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SyntheticTraceTest {

    @Test
    void theTraceThatShipsIsTheGeneratedOne() throws Exception {
        String generated = SyntheticTrace.csv();
        Path fresh = Files.writeString(
                Files.createDirectories(Path.of("target")).resolve("recorded-arrivals.csv"), generated);

        assertThat(Path.of("src/main/resources/io/crowfly/bench/policies/scenarios/recorded-arrivals.csv"))
                .as("a changed generator needs a new trace: copy bench/%s", fresh)
                .hasContent(generated);
    }
}
