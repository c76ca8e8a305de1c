package io.crowfly.balancer.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What an edit makes of a body that is cut into pieces. */
final class Edited {

    private final byte[] body;
    private final ByteArrayOutputStream edited = new ByteArrayOutputStream();
    private int newBytes;

    private Edited(byte[] body) {
        this.body = body;
    }

    /** @param sizes taken in turn, again and again */
    static Edited of(byte[] body, int[] sizes, SpanEdit edit) {
        Edited result = new Edited(body);
        for (int from = 0, turn = 0; from < body.length; turn++) {
            int size = Math.min(sizes[turn % sizes.length], body.length - from);
            result.pass(Unpooled.wrappedBuffer(body, from, size), edit);
            from += size;
        }
        return result;
    }

    private void pass(ByteBuf chunk, SpanEdit edit) {
        List<ByteBuf> pieces = new ArrayList<>();
        edit.pass(chunk, pieces::add);
        for (ByteBuf piece : pieces) {
            // By reference: it is the very array that came.
            if (!piece.hasArray() || piece.array() != body) {
                newBytes += piece.readableBytes();
            }
            byte[] bytes = new byte[piece.readableBytes()];
            piece.readBytes(bytes);
            edited.writeBytes(bytes);
            piece.release();
        }
        assertThat(chunk.refCnt()).isZero();
    }

    byte[] bytes() {
        return edited.toByteArray();
    }

    String text() {
        return edited.toString(StandardCharsets.UTF_8);
    }

    /** How many bytes are not those that came. */
    int newBytes() {
        return newBytes;
    }
}
