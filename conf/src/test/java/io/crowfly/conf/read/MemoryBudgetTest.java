package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryBudgetTest {

    private static final long MIB = 1 << 20;

    @TempDir
    Path directory;

    private ConfResult read(String limits, long heapMib, long directMib) throws IOException {
        Path file = directory.resolve("crowfly.yaml");
        Files.writeString(file, TestConfFile.MINIMAL + limits);
        return new ConfReader(Map.of(), new JvmMemory(heapMib * MIB, directMib * MIB)).read(file);
    }

    private Limits limits(String limits, long heapMib, long directMib) throws IOException {
        return ((ConfResult.Valid) read(limits, heapMib, directMib)).conf().limits();
    }

    private List<String> problems(String limits, long heapMib, long directMib) throws IOException {
        return ((ConfResult.Invalid) read(limits, heapMib, directMib))
                .problems().stream()
                        .map(problem -> problem.what() + "; " + problem.mend())
                        .toList();
    }

    @ParameterizedTest
    @CsvSource({
        // heap and direct memory in MiB: default limits
        "16384, 16384, 20000, 64, 256",
        "640, 512, 20000, 64, 256",
        "512, 512, 16384, 64, 256",
        "256, 256, 8192, 64, 128",
        "247, 247, 7904, 61, 123",
        "64, 128, 2048, 32, 64",
        "16, 16, 512, 4, 8"
    })
    void theDefaultsDependOnTheMemoryOfTheJvm(long heap, long direct, int connections, long heldSize, long heldTotal)
            throws IOException {
        Limits limits = limits("", heap, direct);

        assertThat(limits.connections()).isEqualTo(connections);
        assertThat(limits.heldSize()).isEqualTo((int) (heldSize * MIB));
        assertThat(limits.heldTotal()).isEqualTo(heldTotal * MIB);
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 16, 100, 247, 256, 300, 1000, 5000})
    void theDefaultsAlwaysFit(long mib) throws IOException {
        Limits defaults = limits("", mib, mib);
        String same = "limits: {connections: " + defaults.connections() + ", held-size: " + defaults.heldSize()
                + "B, held-total: " + defaults.heldTotal() + "B}\n";

        assertThat(limits(same, mib, mib)).isEqualTo(defaults);
    }

    @Test
    void refusesHeldBodiesThatDoNotFitIntoTheDirectMemory() throws IOException {
        assertThat(problems("limits: {held-size: 64MiB, held-total: 256MiB}\n", 256, 256))
                .containsExactly(
                        "`held-total`, 256MiB, does not fit into the direct memory of the JVM, 256MiB, of which"
                                + " 64MiB are for data that passes through; write `held-total: 192MiB` or less, or start the JVM"
                                + " with `-XX:MaxDirectMemorySize=320m` or more");
        assertThat(problems("limits: {held-size: 8MiB, held-total: 100MiB}\n", 256, 100))
                .containsExactly(
                        "`held-total`, 100MiB, does not fit into the direct memory of the JVM, 100MiB, of which"
                                + " 25MiB are for data that passes through; write `held-total: 75MiB` or less, or start the JVM"
                                + " with `-XX:MaxDirectMemorySize=134m` or more");
    }

    @ParameterizedTest
    @CsvSource({"256, 320", "100, 134", "512, 576", "1, 2"})
    void whatItSuggestsFits(long heldTotalMib, long suggestedMib) throws IOException {
        String limits = "limits: {held-size: 64KiB, held-total: " + heldTotalMib + "MiB}\n";

        assertThat(read(limits, 256, suggestedMib)).isInstanceOf(ConfResult.Valid.class);
        assertThat(read(limits, 256, suggestedMib - 1)).isInstanceOf(ConfResult.Invalid.class);
    }

    @Test
    void refusesMoreConnectionsThanTheHeapHasRoomFor() throws IOException {
        assertThat(problems("limits: {connections: 20000}\n", 256, 256))
                .containsExactly(
                        "`connections`, 20000 at 16KiB each, do not fit into half of the heap of the JVM, 256MiB;"
                                + " write `connections: 8192` or less, or start the JVM with `-Xmx625m` or more");
        assertThat(limits("limits: {connections: 20000}\n", 625, 256).connections())
                .isEqualTo(20_000);
    }

    @Test
    void comparesNothingWhereTheJvmIsUnknown() throws IOException {
        Path file = directory.resolve("crowfly.yaml");
        Files.writeString(file, TestConfFile.MINIMAL + "limits: {connections: 1000000, held-total: 1024GiB}\n");

        assertThat(new ConfReader(Map.of()).read(file)).isInstanceOf(ConfResult.Valid.class);
    }
}
