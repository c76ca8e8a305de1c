package io.crowfly.balancer.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** While data is held, each read fills the rest of the previous read's buffer. */
class ReadBuffersTest {

    private static final int KIB = 1024;
    private static final int MANY = 1000;

    private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong nanos = new AtomicLong();
    private final DirectMemory memory = new DirectMemory(100 * KIB, used::get, nanos::get);
    private final ReadBuffers buffers = new ReadBuffers(channel, memory);
    private final ExtendedHandle reads = (ExtendedHandle) buffers.newHandle();
    private final List<ByteBuf> held = new ArrayList<>();

    @AfterEach
    void releaseAll() {
        buffers.setHolding(false);
        held.forEach(ByteBuf::release);
        assertThat(allocator.pinnedDirectMemory()).isZero();
    }

    /** Reads like a transport: that many bytes, all with the given value. */
    private ByteBuf read(int bytes, int value) {
        ByteBuf buffer = reads.allocate(allocator);
        reads.attemptedBytesRead(buffer.writableBytes());
        byte[] all = new byte[bytes];
        Arrays.fill(all, (byte) value);
        buffer.writeBytes(all);
        reads.lastBytesRead(bytes);
        held.add(buffer);
        return buffer;
    }

    @Test
    void heldSmallReadsTakeLittleMoreMemoryThanTheirBytes() {
        buffers.setHolding(true);
        for (int i = 0; i < MANY; i++) {
            read(KIB, i % 100);
        }
        assertThat(allocator.pinnedDirectMemory()).isLessThan(MANY * KIB * 11 / 10);
        for (int i = 0; i < held.size(); i++) {
            assertThat(held.get(i).readableBytes()).isEqualTo(KIB);
            byte expected = (byte) (i % 100);
            // The index of the first byte that differs; negative, because none does.
            assertThat(held.get(i).forEachByte(value -> value == expected)).isNegative();
        }
    }

    @Test
    void eachReadHasItsOwnBufferWhileNothingIsHeld() {
        ByteBuf first = read(KIB, 1);
        ByteBuf second = read(KIB, 2);

        assertThat(first.capacity()).isEqualTo(8 * KIB);
        assertThat(second.memoryAddress()).isNotEqualTo(first.memoryAddress() + KIB);
    }

    @Test
    void theNextReadUsesTheBufferOfAnEmptyRead() {
        buffers.setHolding(true);
        ByteBuf first = read(KIB, 1);
        ByteBuf nothing = reads.allocate(allocator);
        reads.lastBytesRead(0);
        nothing.release();

        assertThat(read(KIB, 2).memoryAddress()).isEqualTo(first.memoryAddress() + KIB);
    }

    @Test
    void aReadInProgressKeepsItsBufferWhenHoldingEnds() {
        buffers.setHolding(true);
        ByteBuf underWay = reads.allocate(allocator);
        buffers.setHolding(false);
        underWay.writeByte(7);
        reads.lastBytesRead(1);
        held.add(underWay);
        buffers.setHolding(true);

        read(KIB, 1);
        assertThat(underWay.getByte(0)).isEqualTo((byte) 7);
    }

    @Test
    void aSharedBufferIsReleasedWithItsLastRead() {
        buffers.setHolding(true);
        read(KIB, 1);
        read(KIB, 2);
        buffers.setHolding(false);

        held.remove(0).release();
        assertThat(allocator.pinnedDirectMemory()).isPositive();
        held.remove(0).release();
        assertThat(allocator.pinnedDirectMemory()).isZero();
    }

    @Test
    void readsAreSmallWhileMemoryIsShort() {
        used.set(99 * KIB);
        assertThat(read(KIB, 1).capacity()).isEqualTo(KIB);
        used.set(0);
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(read(KIB, 1).capacity()).isGreaterThan(KIB);
    }

    @Test
    void aFailedAllocationClosesItsConnectionOnly() {
        List<Throwable> causes = new ArrayList<>();
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                causes.add(cause);
            }
        });
        ByteBuf last = reads.allocate(new ExhaustedAllocator());
        held.add(last);

        assertThat(last.isWritable()).isTrue();
        assertThat(causes).isEmpty();
        channel.runPendingTasks();
        assertThat(causes).singleElement().isInstanceOf(OutOfMemoryError.class);
        assertThat(memory.failures()).isEqualTo(1);
    }

    @Test
    void fullSharedBuffersAreNotReplacedWhileMemoryIsShort() {
        buffers.setHolding(true);
        read(60 * KIB, 1);
        used.set(99 * KIB);
        assertThat(read(KIB, 1).capacity()).isEqualTo(4 * KIB);
        read(3 * KIB, 1);
        assertThat(read(KIB, 1).capacity()).isEqualTo(KIB);
    }

    /** An allocator that has no memory at all. */
    private static final class ExhaustedAllocator extends AbstractByteBufAllocator {

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            throw new AssertionError("reads need direct memory");
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            throw new OutOfMemoryError("Cannot reserve direct buffer memory");
        }

        @Override
        public boolean isDirectBufferPooled() {
            return true;
        }
    }
}
