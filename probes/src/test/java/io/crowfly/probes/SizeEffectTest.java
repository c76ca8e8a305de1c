package io.crowfly.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SizeEffectTest {

    private static final int KIB = 1024;

    private final SizeEffect sizes = new SizeEffect();
    private final Random random = new Random(11);

    private double level = 18;

    /** A service time that grows with the root of the size, and its level beside the effect. */
    private void learn(int count, int... bytes) {
        for (int i = 0; i < count; i++) {
            long size = bytes[random.nextInt(bytes.length)];
            double value = 17 + 0.5 * Math.log(size / (4.0 * KIB)) + 0.1 * random.nextGaussian();
            double residual = value - sizes.at(size) - level;
            level += 0.05 * residual;
            sizes.learn(size, residual);
        }
    }

    @Test
    void makesNoDifferenceBeforeItHasLearnedOne() {
        assertThat(sizes.at(1)).isZero();
        assertThat(sizes.at(100 * KIB)).isZero();
        assertThat(sizes.nodes()).containsOnly(0);
    }

    @Test
    void learnsByWhatFactorLongPromptsTakeLonger() {
        learn(4000, 2 * KIB, 8 * KIB, 32 * KIB);
        assertThat(sizes.at(32 * KIB) - sizes.at(2 * KIB)).isCloseTo(0.5 * Math.log(16), within(0.15));
        assertThat(sizes.at(8 * KIB) - sizes.at(2 * KIB)).isCloseTo(0.5 * Math.log(4), within(0.15));
    }

    @Test
    void isRelativeToTheSizesThatAreOrdinary() {
        learn(4000, 8 * KIB, 8 * KIB, 8 * KIB, 8 * KIB, 8 * KIB, 8 * KIB, 8 * KIB, 8 * KIB, 8 * KIB, 64 * KIB);
        assertThat(sizes.at(8 * KIB)).isCloseTo(0, within(0.3));
        assertThat(sizes.at(64 * KIB)).isGreaterThan(0.5);
    }

    @Test
    void isLinearBetweenNodes() {
        learn(2000, 2 * KIB, 4 * KIB);
        long between = Math.round(2 * KIB * Math.sqrt(2));
        assertThat(sizes.at(between)).isCloseTo((sizes.at(2 * KIB) + sizes.at(4 * KIB)) / 2, within(0.001));
    }

    @Test
    void takesASizeThatNobodySentForTheNearestThatSomebodyDid() {
        learn(2000, 2 * KIB, 32 * KIB);
        assertThat(sizes.at(64 * KIB)).isEqualTo(sizes.at(32 * KIB));
        assertThat(sizes.at(1)).isEqualTo(sizes.at(2 * KIB));
        assertThat(sizes.at(Long.MAX_VALUE)).isEqualTo(sizes.at(32 * KIB));
    }

    @Test
    void tellsTheSameByNodes() {
        learn(2000, 2 * KIB, 32 * KIB);
        assertThat(sizes.nodes()).hasSize(ClassOutlook.NODES);
        for (int bytes = 512; bytes <= 512 * KIB; bytes *= 2) {
            assertThat(sizes.nodes()[ClassOutlook.node(bytes)]).isEqualTo(sizes.at(bytes));
        }
    }

    @Test
    void aBodyBelongsToTheNodeThatIsNearestByFactor() {
        assertThat(ClassOutlook.node(0)).isZero();
        assertThat(ClassOutlook.node(-1)).isZero();
        assertThat(ClassOutlook.node(512)).isZero();
        assertThat(ClassOutlook.node(700)).isZero();
        assertThat(ClassOutlook.node(740)).isEqualTo(1);
        assertThat(ClassOutlook.node(1400)).isEqualTo(1);
        assertThat(ClassOutlook.node(2 * KIB)).isEqualTo(2);
        assertThat(ClassOutlook.node(KIB * KIB)).isEqualTo(ClassOutlook.NODES - 1);
        assertThat(ClassOutlook.node(50L * KIB * KIB)).isEqualTo(ClassOutlook.NODES - 1);
    }
}
