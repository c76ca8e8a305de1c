package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Models;
import io.crowfly.conf.Probe;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelsReaderTest {

    @TempDir
    Path directory;

    TestConfFile file;

    @BeforeEach
    void file() {
        file = new TestConfFile(directory);
    }

    @Test
    void aBackendMayHaveOtherNamesThanItsClients() {
        Models models = models("{gpt-4o: gpt-4o-weu, \"gpt-4.1*\": gpt-41, \"*\": \"${env:KEY}\"}");

        assertThat(models.names())
                .isEqualTo(Map.of("gpt-4o", "gpt-4o-weu", "gpt-4.1*", "gpt-41", "*", "k-secret-1234"));
        assertThat(models.backendName("gpt-4o")).contains("gpt-4o-weu");
        assertThat(models.backendName("gpt-4.1-mini")).contains("gpt-41");
        assertThat(models.backendName("o3")).contains("k-secret-1234");
    }

    @Test
    void aListGivesTheSameNamesOnBothSides() {
        assertThat(models("[gpt-4o, \"meta/llama-4\"]"))
                .isEqualTo(new Models(Map.of("gpt-4o", "gpt-4o", "meta/llama-4", "meta/llama-4")));
    }

    @Test
    void aNameMayHave256BytesOfUtf8() {
        String longest = "ø".repeat(128);
        assertThat(models("{" + longest + ": a}").clientNames()).containsExactly(longest);

        assertThat(file.problems(TestConfFile.backend("models: {" + longest + "a: b}")))
                .containsExactly(
                        "4:74: the name of a model has 257 bytes, but only 256 are allowed; write the name that clients send");
    }

    @Test
    void aProbeMayNameAModelThatOnlyAPrefixPatternServes() {
        Probe.Kind probe = file.valid(
                        TestConfFile.backend("models: {\"gpt-4*\": gpt}, probes: {inference: {model: gpt-4o}}"))
                .backends()
                .get(0)
                .probe()
                .kind();

        assertThat(probe).isEqualTo(new Probe.Kind.Inference("gpt-4o", true));
    }

    private Models models(String written) {
        return file.valid(TestConfFile.backend("models: " + written))
                .backends()
                .get(0)
                .models();
    }
}
