package io.crowfly.bench.bodies;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LargeChatTest {

    /** Lengths around the boundary of a piece, which then splits parts of the body. */
    @ParameterizedTest
    @ValueSource(longs = {200, 1020, 1024, 1030, 1050, 1060, 200_000})
    void hasItsLengthAndTheModelLast(long bytes) throws IOException {
        String body = text(new LargeChat(bytes, 3), LargeChat.MODEL);

        assertThat(body)
                .hasSize((int) bytes)
                .startsWith("{\"messages\":[{\"role\":\"user\",\"content\":\"")
                .endsWith("\"}],\"stream\":false,\"model\":\"gpt-4o\"}")
                .containsOnlyOnce("model")
                .doesNotContain("\0");
    }

    @Test
    void aDifferentModelNameChangesNothingElse() throws IOException {
        LargeChat chat = new LargeChat(100_000, 7);
        String renamed = text(chat, "a-deployment");

        assertThat(renamed).isEqualTo(text(chat, LargeChat.MODEL).replace("gpt-4o", "a-deployment"));
        assertThat(chat.bytes("a-deployment")).isEqualTo(renamed.length());
    }

    @Test
    void everyClientHasADifferentBody() {
        assertThat(List.of(0, 1, 2, 49))
                .extracting(client -> new LargeChat(5000, client).crc32c("m"))
                .doesNotHaveDuplicates();
    }

    @Test
    void checksumMatchesTheWrittenBytes() throws IOException {
        LargeChat chat = new LargeChat(70_000, 1);
        CRC32C crc = new CRC32C();
        crc.update(text(chat, "ours").getBytes(StandardCharsets.US_ASCII));

        assertThat(chat.crc32c("ours")).isEqualTo(crc.getValue());
    }

    @Test
    void eachPieceIsFlushedByItself() throws IOException {
        List<Integer> flushed = new ArrayList<>();
        ByteArrayOutputStream piece = new ByteArrayOutputStream();
        new LargeChat(2500, 0)
                .writeTo(
                        new FilterOutputStream(piece) {
                            @Override
                            public void flush() {
                                flushed.add(piece.size());
                                piece.reset();
                            }
                        },
                        LargeChat.MODEL);

        assertThat(flushed).containsExactly(1024, 1024, 452);
    }

    private static String text(LargeChat chat, String model) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        chat.writeTo(out, model);
        return out.toString(StandardCharsets.US_ASCII);
    }
}
