package io.crowfly.bench.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.read.ConfReader;
import io.crowfly.conf.read.ConfResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfEditsTest {

    private static final ConfEdits EDITS = new ConfEdits(8001, 8002, 8003, 8004, 8005, 8006);

    @TempDir
    Path folder;

    static Stream<ConfEdit> edits() {
        return EDITS.all().stream();
    }

    @ParameterizedTest
    @MethodSource("edits")
    void isValidOrInvalidAsDescribed(ConfEdit edit) throws IOException {
        Path file = Files.writeString(folder.resolve("conf"), EDITS.original());

        edit.replace(file);

        ConfResult result = new ConfReader(Map.of()).read(file);
        if (edit.valid() || edit.description().equals(ConfEdits.ADDRESS_TAKEN)) {
            assertThat(result).isInstanceOf(ConfResult.Valid.class);
        } else {
            assertThat(result)
                    .isInstanceOfSatisfying(ConfResult.Invalid.class, invalid -> assertThat(invalid.problems())
                            .hasSize(1));
        }
    }

    @Test
    void differsFromThePreviousEdit() {
        List<ConfEdit> all = EDITS.all();
        for (int i = 0; i < all.size(); i++) {
            assertThat(all.get(i).text())
                    .isNotEqualTo(all.get((i + 1) % all.size()).text());
        }
    }

    @Test
    void canBeWrittenInPlace() throws IOException {
        Path file = folder.resolve("conf");

        EDITS.all().get(0).write(file);

        assertThat(file).hasContent(EDITS.all().get(0).text().orElseThrow());
    }
}
