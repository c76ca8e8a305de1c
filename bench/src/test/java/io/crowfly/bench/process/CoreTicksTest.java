package io.crowfly.bench.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Parsing of {@code /proc/stat}. */
class CoreTicksTest {

    @Test
    void idleTimeIsNotBusyAndGuestTimeCountsOnce() {
        CoreTicks before = CoreTicks.parse("100 10 50 800 20 5 10 5 90 1");
        CoreTicks after = CoreTicks.parse("130 10 60 840 30 5 20 5 120 1");
        assertThat(before).isEqualTo(new CoreTicks(180, 1000));
        assertThat(after.percentSince(before)).isEqualTo(50);
        assertThat(before.percentSince(before)).isZero();
    }

    @Test
    void thisMachineHasAFirstCore() throws IOException {
        assertThat(CoreTicks.of(0).total()).isPositive();
    }
}
