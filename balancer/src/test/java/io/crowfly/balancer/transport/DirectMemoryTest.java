package io.crowfly.balancer.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DirectMemoryTest {

    private static final long MIB = 1 << 20;

    private final AtomicLong usedMib = new AtomicLong();
    private final AtomicLong seconds = new AtomicLong();
    private final DirectMemory memory =
            new DirectMemory(256 * MIB, () -> usedMib.get() * MIB, () -> TimeUnit.SECONDS.toNanos(seconds.get()));

    @Test
    void isShortWhenTheLast32MibAreInUse() {
        usedMib.set(224);
        assertThat(memory.isShort()).isFalse();
        usedMib.set(225);
        assertThat(memory.isShort()).isTrue();
    }

    @Test
    void isShortWhenTheLastEighthOfASmallMemoryIsInUse() {
        DirectMemory small = new DirectMemory(16 * MIB, () -> usedMib.get() * MIB, () -> 0);
        usedMib.set(14);
        assertThat(small.isShort()).isFalse();
        usedMib.set(15);
        assertThat(small.isShort()).isTrue();
    }

    @Test
    void isNoLongerShortWhenEnoughIsFree() {
        usedMib.set(230);
        assertThat(memory.isShort()).isTrue();
        seconds.addAndGet(1);
        usedMib.set(193);
        assertThat(memory.isShort()).isTrue();
        usedMib.set(192);
        assertThat(memory.isShort()).isFalse();
        usedMib.set(224);
        assertThat(memory.isShort()).isFalse();
        usedMib.set(225);
        assertThat(memory.isShort()).isTrue();
    }

    @Test
    void isShortForAMomentAtLeastSoThatAllConnectionsFreeWhatTheyCan() {
        usedMib.set(230);
        assertThat(memory.isShort()).isTrue();
        usedMib.set(0);
        assertThat(memory.isShort()).isTrue();
        seconds.addAndGet(1);
        assertThat(memory.isShort()).isFalse();
    }

    @Test
    void isNotShortForLongWhileALittleTooMuchIsInUse() {
        usedMib.set(230);
        assertThat(memory.isShort()).isTrue();
        usedMib.set(200);
        seconds.addAndGet(5);
        assertThat(memory.isShort()).isTrue();
        seconds.addAndGet(1);
        assertThat(memory.isShort()).isFalse();
        usedMib.set(220);
        assertThat(memory.isShort()).isFalse();
    }

    @Test
    void memoryThatTheAllocatorKeepsIsNoShortageOnceDemandIsMetFromIt() {
        usedMib.set(230);
        assertThat(memory.isShort()).isTrue();
        seconds.addAndGet(5);
        assertThat(memory.isShort()).isTrue();
        seconds.addAndGet(2);
        assertThat(memory.isShort()).isFalse();
        usedMib.set(228);
        assertThat(memory.isShort()).isFalse();
        usedMib.set(229);
        assertThat(memory.isShort()).isTrue();
    }

    @Test
    void countsABufferOfNettyOnce() {
        DirectMemory jvm = DirectMemory.ofJvm();
        int bytes = 32 << 20;
        long before = jvm.usedBytes();
        ByteBuf buffer = ByteBufAllocator.DEFAULT.directBuffer(bytes);
        assertThat(jvm.usedBytes() - before).isBetween((long) bytes - MIB, bytes * 3L / 2);
        buffer.release();
    }

    @Test
    void knowsTheMemoryOfThisJvm() {
        DirectMemory jvm = DirectMemory.ofJvm();
        assertThat(jvm.maxBytes()).isPositive();
        assertThat(jvm.isShort()).isFalse();
        long before = jvm.usedBytes();
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
        assertThat(jvm.usedBytes()).isGreaterThanOrEqualTo(before + buffer.capacity() - 1);
    }
}
