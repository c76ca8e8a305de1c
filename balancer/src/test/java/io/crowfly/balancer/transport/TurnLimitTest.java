package io.crowfly.balancer.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The limit of reads between two runs of a loop's tasks. */
class TurnLimitTest {

    /** Counts the reads that pass the limit. */
    private static final class ReadCounter extends ChannelOutboundHandlerAdapter {

        private int reads;

        @Override
        public void read(ChannelHandlerContext ctx) {
            reads++;
        }
    }

    private final ReadCounter flooded = new ReadCounter();
    private final ReadCounter other = new ReadCounter();
    private EmbeddedChannel floodedChannel = new EmbeddedChannel();
    private EmbeddedChannel otherChannel = new EmbeddedChannel();

    @BeforeEach
    void openChannelsInANewTurn() {
        floodedChannel = new EmbeddedChannel(flooded, new TurnLimit());
        otherChannel = new EmbeddedChannel(other, new TurnLimit());
        // The limit counts per thread, so an earlier test may have left a turn unfinished.
        flood();
        floodedChannel.pipeline().read();
        floodedChannel.runPendingTasks();
        flooded.reads = 0;
        other.reads = 0;
    }

    private void flood() {
        for (int i = 0; i < TurnLimit.READS; i++) {
            floodedChannel.pipeline().fireChannelRead(bytes(1));
        }
    }

    private static ByteBuf bytes(int count) {
        return Unpooled.wrappedBuffer(new byte[count]);
    }

    @Test
    void readsAreDeferredUntilTheLoopHasRunItsTasks() {
        floodedChannel.pipeline().read();
        assertThat(flooded.reads).isEqualTo(1);
        flood();
        floodedChannel.pipeline().read();
        otherChannel.pipeline().read();
        assertThat(flooded.reads).isEqualTo(1);
        assertThat(other.reads).isZero();
        floodedChannel.runPendingTasks();
        assertThat(flooded.reads).isEqualTo(2);
        assertThat(other.reads).isEqualTo(1);
        otherChannel.pipeline().read();
        assertThat(other.reads).isEqualTo(2);
    }

    @Test
    void aDeferredReadIsDroppedIfReadingIsPausedMeanwhile() {
        flood();
        floodedChannel.pipeline().read();
        otherChannel.pipeline().read();
        floodedChannel.config().setAutoRead(false);
        floodedChannel.runPendingTasks();
        assertThat(flooded.reads).isZero();
        assertThat(other.reads).isEqualTo(1);
    }

    @Test
    void largeReadsAreDeferredAndThenSubmittedAMebibyteAtATime() {
        floodedChannel.pipeline().fireChannelRead(bytes(TurnLimit.BYTES));
        otherChannel.pipeline().fireChannelRead(bytes(1));
        floodedChannel.pipeline().read();
        otherChannel.pipeline().read();
        otherChannel.pipeline().read();
        assertThat(flooded.reads).isZero();
        assertThat(other.reads).isZero();
        floodedChannel.runPendingTasks();
        assertThat(flooded.reads).isEqualTo(1);
        assertThat(other.reads).isZero();
        // The rest of the deferred reads are a task of the channel whose read is the next one.
        otherChannel.runPendingTasks();
        assertThat(other.reads).isEqualTo(2);
    }
}
