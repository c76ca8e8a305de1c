package io.crowfly.balancer.content.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crowfly.balancer.content.json.Chunks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpanEditTest {

    private static final String BODY = "0123456789";

    @Test
    void replacesEverySpanOfABodyHoweverItIsCut() {
        byte[] body = Chunks.utf8(BODY);
        for (int start = 0; start <= body.length; start++) {
            for (int end = start; end <= body.length; end++) {
                for (int size = 1; size <= body.length; size++) {
                    for (String replacement : new String[] {"", "x", "a longer text"}) {
                        SpanEdit edit = new SpanEdit(start, end, Chunks.utf8(replacement));
                        String at = "[%d, %d) in chunks of %d".formatted(start, end, size);

                        EditedBody edited = EditedBody.of(body, new int[] {size}, edit);

                        String expected = BODY.substring(0, start) + replacement + BODY.substring(end);
                        assertThat(edited.text()).as(at).isEqualTo(expected);
                        assertThat(body.length + edit.delta()).as(at).isEqualTo(expected.length());
                        assertThat(edited.newBytes()).as(at).isEqualTo(replacement.length());
                    }
                }
            }
        }
    }

    @Test
    void passesUntouchedChunksByReference() {
        SpanEdit edit = new SpanEdit(3, 5, Chunks.utf8("x"));
        List<ByteBuf> input = new ArrayList<>();
        List<ByteBuf> output = new ArrayList<>();
        for (String chunk : new String[] {"01", "23456", "789"}) {
            input.add(chunk(chunk));
            edit.apply(input.get(input.size() - 1), output::add);
        }

        assertThat(output.get(0)).isSameAs(input.get(0));
        assertThat(output.get(3)).isSameAs(input.get(1));
        assertThat(output.get(4)).isSameAs(input.get(2));
        output.forEach(ByteBuf::release);
        assertThat(input).allMatch(chunk -> chunk.refCnt() == 0);
    }

    @Test
    void passesEmptyChunks() {
        SpanEdit edit = new SpanEdit(1, 2, Chunks.utf8("x"));
        StringBuilder out = new StringBuilder();
        for (String chunk : new String[] {"", "0", "", "1", "", "2", ""}) {
            edit.apply(chunk(chunk), piece -> {
                out.append(piece.toString(StandardCharsets.US_ASCII));
                piece.release();
            });
        }

        assertThat(out).hasToString("0x2");
    }

    @Test
    void releasesTheChunkIfTheReceiverFailsAtAnyPiece() {
        for (int failing = 1; failing <= 3; failing++) {
            SpanEdit edit = new SpanEdit(4, 6, Chunks.utf8("x"));
            ByteBuf chunk = chunk(BODY);
            int last = failing;
            int[] pieces = {0};

            assertThatThrownBy(() -> edit.apply(chunk, piece -> {
                        piece.release();
                        if (++pieces[0] == last) {
                            throw new IllegalStateException("closed");
                        }
                    }))
                    .hasMessage("closed");

            assertThat(chunk.refCnt()).isZero();
        }
    }

    private static ByteBuf chunk(String text) {
        return Unpooled.directBuffer().writeBytes(Chunks.utf8(text));
    }
}
