package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IdleClockTest {

    private static final long SECOND = 1_000_000_000;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final IdleClock clock = new IdleClock(channel);
    private final long start = System.nanoTime();

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private void writeUnsent(int bytes) {
        channel.write(Unpooled.buffer().writeZero(bytes));
    }

    @Test
    void runsWhileNothingIsUnsent() {
        assertThat(clock.idleNanos(start + 7 * SECOND)).isGreaterThanOrEqualTo(7 * SECOND);
        assertThat(clock.hasUnsentBytes()).isFalse();
    }

    @Test
    void restartsWhenTheClientHasReadAPartOfTheResponse() {
        writeUnsent(1000);
        clock.idleNanos(start);
        assertThat(clock.idleNanos(start + 7 * SECOND)).isEqualTo(7 * SECOND);
        channel.flush();
        assertThat(clock.idleNanos(start + 7 * SECOND)).isZero();
        assertThat(clock.hasUnsentBytes()).isFalse();
    }

    @Test
    void bytesAreUnsentBelowAndAboveTheHighWaterMark() {
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1024, 4096));
        writeUnsent(2000);
        clock.idleNanos(start);
        assertThat(channel.isWritable()).isTrue();
        assertThat(clock.hasUnsentBytes()).isTrue();
        writeUnsent(20_000);
        clock.idleNanos(start);
        assertThat(channel.isWritable()).isFalse();
        assertThat(clock.hasUnsentBytes()).isTrue();
    }

    @Test
    void nothingIsUnsentOnceTheChannelIsClosed() {
        writeUnsent(2000);
        clock.idleNanos(start);
        channel.close();
        clock.idleNanos(start);
        assertThat(clock.hasUnsentBytes()).isFalse();
    }
}
