package io.crowfly.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ToleranceTest {

    @Test
    void aShareGrowsWithTheBestPrediction() {
        assertThat(new Tolerance.Share(0.05).nanos(200_000_000)).isEqualTo(10_000_000);
        assertThat(new Tolerance.Share(0).nanos(200_000_000)).isZero();
    }

    @Test
    void aDurationIsTheSameForEveryPrediction() {
        Tolerance fixed = new Tolerance.Fixed(Duration.ofMillis(50));

        assertThat(fixed.nanos(1)).isEqualTo(fixed.nanos(200_000_000)).isEqualTo(50_000_000);
    }

    @Test
    void anUnlimitedTierToleranceExceedsEveryPrediction() {
        assertThat(new TierTolerance.Unlimited().nanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(new TierTolerance.Within(Duration.ofMillis(200)).nanos()).isEqualTo(200_000_000);
    }
}
