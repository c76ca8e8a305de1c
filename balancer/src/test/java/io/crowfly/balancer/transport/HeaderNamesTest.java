package io.crowfly.balancer.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Names of headers that are kept for later heads. */
class HeaderNamesTest {

    private final HeaderNames names = new HeaderNames();

    private AsciiString name(String text) {
        byte[] line = ("--" + text + ": value").getBytes(StandardCharsets.ISO_8859_1);
        return names.name(line, 2, text.length());
    }

    @Test
    void returnsTheSameObjectForTheSameName() {
        assertThat(name("X-Request-Id") == name("X-Request-Id")).isTrue();
    }

    @Test
    void keepsTheSpelling() {
        assertThat(name("Date").toString()).isEqualTo("Date");
        assertThat(name("date").toString()).isEqualTo("date");
        assertThat(name("Date").toString()).isEqualTo("Date");
    }

    @Test
    void returnsEveryNameAsItIs() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(60);
            for (int j = 0; j < length; j++) {
                text.append((char) (random.nextInt(10) == 0 ? random.nextInt(256) : 'a' + random.nextInt(3)));
            }
            assertThat(name(text.toString()).toString()).isEqualTo(text.toString());
        }
    }

    @Test
    void keepsNoLongName() {
        assertThat(name("a".repeat(41)) == name("a".repeat(41))).isFalse();
    }
}
