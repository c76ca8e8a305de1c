package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.RawWebSocketFrame;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;

/** Search for a Close frame among other frames. */
class CloseFrameFinderTest {

    private static final int[] PAYLOAD_LENGTHS = {0, 1, 125, 126, 127, 65_535, 65_536, 200_000};

    /** Frames whose payloads consist of the first byte of a Close frame. */
    private static byte[] otherFrames() {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int length : PAYLOAD_LENGTHS) {
            for (int first :
                    new int[] {RawWebSocketFrame.TEXT, RawWebSocketFrame.CONTINUATION, RawWebSocketFrame.PONG}) {
                frames.writeBytes(RawWebSocketFrame.masked(first, "\u0088".repeat(length)));
            }
        }
        return frames.toByteArray();
    }

    private static boolean isIn(CloseFrameFinder finder, byte[] bytes, int from, int to) {
        return finder.isIn(Unpooled.wrappedBuffer(bytes, from, to - from));
    }

    @Test
    void findsACloseFrameBehindOtherFramesWhateverTheirLength() {
        CloseFrameFinder finder = new CloseFrameFinder();
        byte[] frames = otherFrames();
        assertThat(isIn(finder, frames, 0, frames.length)).isFalse();
        assertThat(finder.isIn(Unpooled.EMPTY_BUFFER)).isFalse();
        byte[] close = RawWebSocketFrame.masked(RawWebSocketFrame.CLOSE, "\u0003\u00e8");
        assertThat(isIn(finder, close, 0, close.length)).isTrue();
    }

    @Test
    void piecesMayEndAnywhere() {
        CloseFrameFinder finder = new CloseFrameFinder();
        byte[] frames = otherFrames();
        for (int from = 0; from < frames.length; ) {
            int to = Math.min(frames.length, from + 1 + from % 7);
            assertThat(isIn(finder, frames, from, to)).as("at %d", from).isFalse();
            from = to;
        }
        assertThat(isIn(finder, new byte[] {(byte) RawWebSocketFrame.CLOSE}, 0, 1))
                .isTrue();
    }

    @Test
    void anInvalidLengthHidesEverythingAfterIt() {
        CloseFrameFinder finder = new CloseFrameFinder();
        byte[] frame = {
            (byte) RawWebSocketFrame.TEXT, (byte) 0xff, -1, -1, -1, -1, -1, -1, -1, -1, (byte) 0x88, 0, 0, 0, 0
        };
        assertThat(isIn(finder, frame, 0, frame.length)).isFalse();
    }
}
