package io.crowfly.probes.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SizeEffectTest {

    private static final int KIB = 1024;

    private final SizeEffect sizeEffect = new SizeEffect();
    private final Random random = new Random(11);

    private double level = 18;

    /** Teaches service times that grow with the square root of the size, and follows their level. */
    private void learn(int count, int... bytes) {
        for (int i = 0; i < count; i++) {
            long size = bytes[random.nextInt(bytes.length)];
            double value = 17 + 0.5 * Math.log(size / (4.0 * KIB)) + 0.1 * random.nextGaussian();
            double residual = value - sizeEffect.logFactor(size) - level;
            level += 0.05 * residual;
            sizeEffect.learn(size, residual);
        }
    }

    @Test
    void isZeroBeforeTheFirstSample() {
        assertThat(sizeEffect.logFactor(1)).isZero();
        assertThat(sizeEffect.logFactor(100 * KIB)).isZero();
        assertThat(sizeEffect.logFactors()).containsOnly(0);
    }

    @Test
    void learnsTheFactorOfLongPrompts() {
        learn(4000, 2 * KIB, 8 * KIB, 32 * KIB);
        assertThat(sizeEffect.logFactor(32 * KIB) - sizeEffect.logFactor(2 * KIB))
                .isCloseTo(0.5 * Math.log(16), within(0.15));
        assertThat(sizeEffect.logFactor(8 * KIB) - sizeEffect.logFactor(2 * KIB))
                .isCloseTo(0.5 * Math.log(4), within(0.15));
    }

    @Test
    void isRelativeToOrdinarySizes() {
        learn(4000, 8 * KIB, 8 * KIB, 8 * KIB, 8 * KIB, 8 * KIB, 8 * KIB, 8 * KIB, 8 * KIB, 8 * KIB, 64 * KIB);
        assertThat(sizeEffect.logFactor(8 * KIB)).isCloseTo(0, within(0.3));
        assertThat(sizeEffect.logFactor(64 * KIB)).isGreaterThan(0.5);
    }

    @Test
    void isLinearBetweenNodes() {
        learn(2000, 2 * KIB, 4 * KIB);
        long between = Math.round(2 * KIB * Math.sqrt(2));
        assertThat(sizeEffect.logFactor(between))
                .isCloseTo((sizeEffect.logFactor(2 * KIB) + sizeEffect.logFactor(4 * KIB)) / 2, within(0.001));
    }

    @Test
    void usesTheNearestSeenSizeForAnUnseenOne() {
        learn(2000, 2 * KIB, 32 * KIB);
        assertThat(sizeEffect.logFactor(64 * KIB)).isEqualTo(sizeEffect.logFactor(32 * KIB));
        assertThat(sizeEffect.logFactor(1)).isEqualTo(sizeEffect.logFactor(2 * KIB));
        assertThat(sizeEffect.logFactor(Long.MAX_VALUE)).isEqualTo(sizeEffect.logFactor(32 * KIB));
    }

    @Test
    void givesTheSameFactorsByNode() {
        learn(2000, 2 * KIB, 32 * KIB);
        assertThat(sizeEffect.logFactors()).hasSize(ClassForecast.NODES);
        for (int bytes = 512; bytes <= 512 * KIB; bytes *= 2) {
            assertThat(sizeEffect.logFactors()[ClassForecast.sizeNode(bytes)]).isEqualTo(sizeEffect.logFactor(bytes));
        }
    }

    @Test
    void sizeNodeIsTheNearestByFactor() {
        assertThat(ClassForecast.sizeNode(0)).isZero();
        assertThat(ClassForecast.sizeNode(-1)).isZero();
        assertThat(ClassForecast.sizeNode(512)).isZero();
        assertThat(ClassForecast.sizeNode(700)).isZero();
        assertThat(ClassForecast.sizeNode(740)).isEqualTo(1);
        assertThat(ClassForecast.sizeNode(1400)).isEqualTo(1);
        assertThat(ClassForecast.sizeNode(2 * KIB)).isEqualTo(2);
        assertThat(ClassForecast.sizeNode(KIB * KIB)).isEqualTo(ClassForecast.NODES - 1);
        assertThat(ClassForecast.sizeNode(50L * KIB * KIB)).isEqualTo(ClassForecast.NODES - 1);
    }
}
