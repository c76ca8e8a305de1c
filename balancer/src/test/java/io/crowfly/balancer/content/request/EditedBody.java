package io.crowfly.balancer.content.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Result of an edit of a body that is cut into chunks. */
final class EditedBody {

    private final byte[] body;
    private final ByteArrayOutputStream edited = new ByteArrayOutputStream();
    private int newBytes;

    private EditedBody(byte[] body) {
        this.body = body;
    }

    /** @param sizes of the chunks, repeated in a cycle */
    static EditedBody of(byte[] body, int[] sizes, SpanEdit edit) {
        EditedBody result = new EditedBody(body);
        for (int from = 0, turn = 0; from < body.length; turn++) {
            int size = Math.min(sizes[turn % sizes.length], body.length - from);
            result.pass(Unpooled.wrappedBuffer(body, from, size), edit);
            from += size;
        }
        return result;
    }

    private void pass(ByteBuf chunk, SpanEdit edit) {
        List<ByteBuf> pieces = new ArrayList<>();
        edit.apply(chunk, pieces::add);
        for (ByteBuf piece : pieces) {
            // A piece that passes by reference has the array of the body.
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

    /** Returns how many bytes did not pass by reference. */
    int newBytes() {
        return newBytes;
    }
}
