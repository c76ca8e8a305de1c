package io.crowfly.balancer.content.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChunkViewTest {

    @Test
    void passesTheReadableBytesOnly() {
        ByteBuf chunk = Unpooled.directBuffer().writeBytes("(crow)".getBytes(StandardCharsets.US_ASCII));
        chunk.readerIndex(1).writerIndex(5);

        assertThat(views(chunk)).containsExactly("crow");
        assertThat(chunk.readerIndex()).isEqualTo(1);
        chunk.release();
    }

    @Test
    void passesEachPartOfACompositeWithoutJoiningThem() {
        CompositeByteBuf chunk = Unpooled.compositeBuffer()
                .addComponent(true, Unpooled.copiedBuffer("hooded ", StandardCharsets.US_ASCII))
                .addComponent(true, Unpooled.directBuffer().writeBytes("crow".getBytes(StandardCharsets.US_ASCII)));

        assertThat(views(chunk)).containsExactly("hooded ", "crow");
        chunk.release();
    }

    @Test
    void passesNothingOfAnEmptyChunk() {
        assertThat(views(Unpooled.EMPTY_BUFFER)).isEmpty();
    }

    private static List<String> views(ByteBuf chunk) {
        List<String> views = new ArrayList<>();
        ChunkView.scan(chunk, part -> {
            byte[] bytes = new byte[part.limit()];
            part.get(0, bytes);
            views.add(new String(bytes, StandardCharsets.US_ASCII));
        });
        return views;
    }
}
