package io.crowfly.bench.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryMonitorTest {

    @Test
    void addsUpTheHeapInUseOfEachCompleteLine() {
        assertThat(MemoryMonitor.parse("""
                            S0C         S1C         S0U         S1U          EC           EU           OC           OU
                           2048.0      2048.0         1.0        10.0      17472.0        100.0      43712.0       1000.0
                           2048.0      2048.0         0.0         0.0      17472.0          1.5      43712.0          0.0
                           2048.0      20
                        """)).containsExactly(1111L * 1024, 1536L);
    }

    @Test
    void hasNoSamplesBeforeJstatPrints() {
        assertThat(MemoryMonitor.parse("")).isEmpty();
        assertThat(MemoryMonitor.median(new long[0])).isZero();
    }

    @Test
    void returnsTheMiddleValueAsMedian() {
        assertThat(MemoryMonitor.median(new long[] {9, 1, 5})).isEqualTo(5);
    }
}
