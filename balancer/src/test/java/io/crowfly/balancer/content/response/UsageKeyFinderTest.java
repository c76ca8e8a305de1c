package io.crowfly.balancer.content.response;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.content.json.ChunkView;
import io.crowfly.balancer.content.json.Chunks;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class UsageKeyFinderTest {

    private static final Pattern KEY = Pattern.compile("\"usage\"[ \t\n\r]*:[ \t\n\r]*\\{");
    private static final String[] STRINGS = {
        "usage", "usage", "", "u", "usag", "usages", "usagé", "my usage", "x", "\\\"usage\\\"", "\\\"", "é 0123456789"
    };
    private static final String[] BETWEEN = {
        ":", ":{", ": {", " :\r\n{", "\t\n : ", ",", " , ", "}", ":null,", ":[", "],"
    };

    @Property(seed = "1")
    void findsWhatAPlainSearchFindsHoweverTheTextIsCut(@ForAll long seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        for (int pieces = random.nextInt(20); pieces > 0; pieces--) {
            text.append('"').append(STRINGS[random.nextInt(STRINGS.length)]).append('"');
            text.append(BETWEEN[random.nextInt(BETWEEN.length)]);
        }
        byte[] bytes = Chunks.utf8(text.toString());
        // One char for each byte, so that the pattern counts bytes.
        String latin = new String(bytes, StandardCharsets.ISO_8859_1);
        List<Integer> expected =
                KEY.matcher(latin).results().map(match -> match.end() - 1).toList();

        List<Integer> found = new ArrayList<>();
        UsageKeyFinder key = new UsageKeyFinder();
        int[] offset = {0};
        Chunks.feed(bytes, new int[] {1 + random.nextInt(30), 1 + random.nextInt(9)}, chunk -> {
            ChunkView.scan(chunk, part -> find(key, part, offset[0], found));
            offset[0] += chunk.readableBytes();
        });

        assertThat(found).as(latin).isEqualTo(expected);
    }

    private static void find(UsageKeyFinder key, ByteBuffer part, int offset, List<Integer> found) {
        int index = 0;
        while ((index = key.find(part, index, part.limit())) >= 0) {
            found.add(offset + index);
            index++;
        }
    }
}
