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
    void largeReadsAreSubmittedAfterSmallOnesAndAFewAtATime() {
        ReadCounter secondUpload = new ReadCounter();
        EmbeddedChannel secondChannel = new EmbeddedChannel(secondUpload, new TurnLimit());
        secondUpload.reads = 0;
        floodedChannel.pipeline().fireChannelRead(bytes(TurnLimit.BYTES));
        secondChannel.pipeline().fireChannelRead(bytes(TurnLimit.BYTES));
        otherChannel.pipeline().fireChannelRead(bytes(1));
        floodedChannel.pipeline().read();
        secondChannel.pipeline().read();
        otherChannel.pipeline().read();
        assertThat(flooded.reads + secondUpload.reads + other.reads).isZero();
        floodedChannel.runPendingTasks();
        assertThat(other.reads).isEqualTo(1);
        assertThat(flooded.reads).isEqualTo(1);
        assertThat(secondUpload.reads).isZero();
        // The rest of the reads is a task on the loop of the channel that waits first.
        secondChannel.runPendingTasks();
        assertThat(secondUpload.reads).isEqualTo(1);
    }
}
