package io.crowfly.balancer.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.api.Test;

/** Proves that the leak watch can fail: without the installed detector it would never report a leak. */
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
