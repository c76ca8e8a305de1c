package io.crowfly.bench.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProcessUsageTest {

    private static final String REST = " S 1 4711 4711 0 -1 4194304 941 0 3 0 250 750 9 9 20 0 1 0 1234 25399296 1024"
            + " 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0";

    @Test
    void addsUserAndSystemTimeOfTheProcessAndNotOfItsChildren() {
        assertThat(ProcessUsage.parse("4711 (nginx)" + REST)).isEqualTo(new ProcessUsage(10_000_000, 4 * 1024 * 1024));
    }

    @Test
    void parsesANameWithSpacesAndParentheses() {
        assertThat(ProcessUsage.parse("4711 (a) S 7 (b c)" + REST)).isEqualTo(ProcessUsage.parse("4711 (x)" + REST));
    }

    @Test
    void measuresARunningProcess() throws IOException {
        assertThat(ProcessUsage.of(ProcessHandle.current()).residentBytes()).isPositive();
    }
}
