package io.crowfly.balancer.content;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.crowfly.balancer.content.BodyScanner.ModelField;
import io.crowfly.balancer.content.BodyScanner.State;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * The scanner and a real parser agree on every document and every way to cut it.
 *
 * <p>Jackson reads characters here, decoded leniently, because the scanner leaves the validity of UTF-8 to others.
 */
class RequestScannerPropertyTest {

    private static final JsonFactory JACKSON = new JsonFactory();

    @Property(tries = 2_000)
    void agreesWithAParserOnDocuments(
            @ForAll("documents") byte[] body,
            @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 1, max = 40) Integer> sizes)
            throws IOException {
        assertAgreement(body, sizes);
    }

    @Property(tries = 4_000)
    void agreesWithAParserOnDamagedDocuments(
            @ForAll("damagedDocuments") byte[] body,
            @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 1, max = 40) Integer> sizes)
            throws IOException {
        assertAgreement(body, sizes);
    }

    @Provide
    Arbitrary<byte[]> documents() {
        return Arbitraries.randomValue(random -> Chunks.utf8(RandomJson.document(random)));
    }

    @Provide
    Arbitrary<byte[]> damagedDocuments() {
        return Arbitraries.randomValue(random -> damage(Chunks.utf8(RandomJson.document(random)), random));
    }

    private static byte[] damage(byte[] body, Random random) {
        byte[] damaged = body;
        for (int wounds = 1 + random.nextInt(3); wounds > 0 && damaged.length > 0; wounds--) {
            int at = random.nextInt(damaged.length);
            byte[] before = Arrays.copyOf(damaged, at);
            byte[] after = Arrays.copyOfRange(damaged, at + 1, damaged.length);
            byte[] significant = Chunks.utf8("{}[]\",:\\u0eE.-+ \n");
            byte any =
                    random.nextBoolean() ? (byte) random.nextInt(256) : significant[random.nextInt(significant.length)];
            damaged = switch (random.nextInt(5)) {
                case 0 -> concat(before, after);
                case 1 -> concat(before, new byte[] {any}, after);
                case 2 -> concat(before, new byte[] {(byte) (damaged[at] ^ 1 << random.nextInt(8))}, after);
                case 3 -> concat(before, new byte[] {any, damaged[at]}, after);
                default ->
                    random.nextInt(4) == 0 ? before : concat(before, new byte[] {damaged[at], damaged[at]}, after);
            };
        }
        return damaged;
    }

    private static byte[] concat(byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        byte[] whole = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }

    private static void assertAgreement(byte[] body, List<Integer> sizes) throws IOException {
        RequestScanner scanner = new RequestScanner();
        Chunks.feed(body, sizes.stream().mapToInt(Integer::intValue).toArray(), scanner::scan);
        Parsed parsed = parse(decode(body));
        String shown = ByteBufUtil.hexDump(body) + " = " + new String(body, StandardCharsets.UTF_8);

        assertThat(scanner.state() == State.COMPLETE).as(shown).isEqualTo(parsed.object);
        if (!parsed.object) {
            return;
        }
        assertThat(scanner.stream()).as(shown).isEqualTo(parsed.stream);
        assertThat(scanner.duplicateModel()).as(shown).isEqualTo(parsed.models.size() > 1);
        Object first = parsed.models.isEmpty() ? null : parsed.models.get(0);
        if (!(first instanceof String name)) {
            assertThat(scanner.modelField())
                    .as(shown)
                    .isEqualTo(first == null ? ModelField.ABSENT : ModelField.NOT_A_STRING);
        } else if (Chunks.utf8(name).length > RequestScanner.MAX_MODEL_BYTES) {
            assertThat(scanner.modelField()).as(shown).isEqualTo(ModelField.TOO_LONG);
        } else if (name.chars().anyMatch(Character::isISOControl)) {
            assertThat(scanner.modelField()).as(shown).isEqualTo(ModelField.NOT_A_NAME);
        } else {
            assertThat(scanner.model()).as(shown).contains(name);
            byte[] literal = Arrays.copyOfRange(body, (int) scanner.modelStart(), (int) scanner.modelEnd());
            assertThat(parse("{\"model\":" + decode(literal) + "}").models)
                    .as(shown)
                    .containsExactly(name);
        }
    }

    private static String decode(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /** @param models what stands at each top-level {@code model}: a string, or the token that stands there instead */
    private record Parsed(boolean object, List<Object> models, boolean stream) {}

    private static Parsed parse(String text) throws IOException {
        List<Object> models = new ArrayList<>();
        boolean stream = false;
        try (JsonParser parser = JACKSON.createParser(new StringReader(text))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return new Parsed(false, models, false);
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                JsonToken value = parser.nextToken();
                if (key.equals("model")) {
                    models.add(value == JsonToken.VALUE_STRING ? withoutHalfPairs(parser.getText()) : value);
                } else if (key.equals("stream")) {
                    stream = value == JsonToken.VALUE_TRUE;
                }
                parser.skipChildren();
            }
            return new Parsed(parser.nextToken() == null, models, stream);
        } catch (JsonProcessingException e) {
            return new Parsed(false, models, false);
        }
    }

    private static String withoutHalfPairs(String text) {
        StringBuilder whole = new StringBuilder();
        text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                .forEach(whole::appendCodePoint);
        return whole.toString();
    }
}
