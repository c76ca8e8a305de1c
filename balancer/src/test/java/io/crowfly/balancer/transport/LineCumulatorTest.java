package io.crowfly.balancer.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LineCumulatorTest {

    private final LineCumulator lines = new LineCumulator();
    private final FullAllocator allocator = new FullAllocator();

    /** Allocator whose memory can be used up. Its buffers do not grow, so more of a line needs another buffer. */
    private static final class FullAllocator extends AbstractByteBufAllocator {

        private boolean full;
        private ByteBuf last = Unpooled.EMPTY_BUFFER;

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            if (full) {
                throw new OutOfMemoryError("test");
            }
            last = Unpooled.directBuffer(initialCapacity, initialCapacity);
            return last;
        }

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            return newDirectBuffer(initialCapacity, maxCapacity);
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }

    private static ByteBuf read(String text) {
        return Unpooled.directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void releasesTheLineIfThereIsNoMemoryForMoreOfIt() {
        ByteBuf beginning = read("GET /");
        lines.keep(allocator, beginning);
        beginning.release();
        ByteBuf kept = allocator.last;
        allocator.full = true;
        ByteBuf more = read("path");

        assertThatThrownBy(() -> lines.cumulate(allocator, Unpooled.EMPTY_BUFFER, more))
                .isInstanceOf(OutOfMemoryError.class);
        lines.release();

        assertThat(more.refCnt()).isZero();
        assertThat(kept.refCnt()).isZero();
    }
}
