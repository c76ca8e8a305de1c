package io.crowfly.balancer.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.api.Test;

/** Proves that the watch can fail: without the detector in place it would find nothing, for ever. */
class LeakWatchTest {

    @Test
    void findsABufferThatWasNeverReleased() {
        LeakWatch.collect();
        ByteBufAllocator.DEFAULT.buffer(16).writeByte(1);
        assertThat(LeakWatch.collect()).hasSize(1).first().asString().contains("ByteBuf");
        assertThat(LeakWatch.collect()).isEmpty();
    }

    @Test
    void findsNothingWhereAllWasReleased() {
        LeakWatch.collect();
        ByteBufAllocator.DEFAULT.buffer(16).writeByte(1).release();
        assertThat(LeakWatch.collect()).isEmpty();
    }
}
