package io.crowfly.balancer.exchange;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What has come of a request's body, held by reference while it may have to be sent: until a backend is chosen and
 * connected, and again should that one fail before it answers. Owns what it holds.
 */
final class HeldBody {

    private final List<ByteBuf> pieces = new ArrayList<>(2);
    private long bytes;
    private boolean whole = true;

    /** Takes ownership. */
    void hold(ByteBuf piece) {
        pieces.add(piece);
        bytes += piece.readableBytes();
    }

    long bytes() {
        return bytes;
    }

    /** Whether everything that came is still here. */
    boolean isWhole() {
        return whole;
    }

    /** Gives the receiver a reference of its own to each piece; they stay held. */
    void replayTo(Consumer<ByteBuf> receiver) {
        for (ByteBuf piece : pieces) {
            receiver.accept(piece.retainedDuplicate());
        }
    }

    /** From here on the body can't be sent again. */
    void letGo() {
        pieces.forEach(ByteBuf::release);
        pieces.clear();
        bytes = 0;
        whole = false;
    }
}
