package io.crowfly.balancer.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.content.BodyScanner.ModelField;
import io.crowfly.balancer.content.BodyScanner.State;
import io.crowfly.balancer.content.JudgedJson.Verdict;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * The scanner and a real parser agree on every document, whole or damaged, and every way to cut it; and once the body has been
 * renamed as it passed, the parser reads the new name and nothing else that is new.
 *
 * <p>{@code mvn -pl balancer -am test -Dtest=RequestScannerFuzzTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dcrowfly.fuzz.tries=1000000} tries that many bodies. A failure shows the body and the chunks it came in.
 */
class RequestScannerFuzzTest {

    private static final int TRIES = Integer.getInteger("crowfly.fuzz.tries", 20_000);
    private static final int SEEDS = 40;

    private static final String[] NAMES = {"m", "gpt-4o-weu", "openai/\"gpt\\4o\"", "日本 😀", "long-".repeat(50)};

    @Property(seed = "1", tries = SEEDS, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void agreesWithAParser(@ForAll long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < TRIES / SEEDS; i++) {
            byte[] document = Chunks.utf8(RandomJson.document(random));
            byte[] body = random.nextInt(3) == 0 ? document : damage(document, random);
            assertAgreement(body, sizes(random), random);
        }
    }

    private static int[] sizes(Random random) {
        int longest = 1 + random.nextInt(60);
        return random.ints(1 + random.nextInt(6), 1, longest + 1).toArray();
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

    private static void assertAgreement(byte[] body, int[] sizes, Random random) {
        RequestScanner scanner = new RequestScanner();
        Chunks.feed(body, sizes, scanner::scan);
        JudgedJson judged = JudgedJson.of(body);
        try {
            assertThat(scanner.state() == State.COMPLETE).isEqualTo(judged.verdict == Verdict.OBJECT);
            assertThat(scanner.state() == State.TOO_DEEP).isEqualTo(judged.verdict == Verdict.TOO_DEEP);
            if (judged.verdict == Verdict.OBJECT) {
                assertSameFacts(scanner, judged);
                assertRenamed(body, sizes, scanner, judged, NAMES[random.nextInt(NAMES.length)]);
            }
        } catch (AssertionError e) {
            throw new AssertionError(
                    "in chunks of %s: %s = %s"
                            .formatted(
                                    Arrays.toString(sizes),
                                    ByteBufUtil.hexDump(body),
                                    new String(body, StandardCharsets.UTF_8)),
                    e);
        }
    }

    private static void assertSameFacts(RequestScanner scanner, JudgedJson judged) {
        assertThat(scanner.stream()).isEqualTo(judged.stream);
        assertThat(scanner.duplicateModel()).isEqualTo(judged.models.size() > 1);
        Object first = judged.models.isEmpty() ? null : judged.models.get(0);
        if (first == null) {
            assertThat(scanner.modelField()).isEqualTo(ModelField.ABSENT);
        } else if (!(first instanceof String name)) {
            assertThat(scanner.modelField()).isEqualTo(first == ModelField.MISSPELT ? first : ModelField.NOT_A_STRING);
        } else if (name.contains("\uFFFD") && scanner.modelField() == ModelField.TOO_LONG) {
            // Of what is no UTF-8 the judge doesn't know how long it was.
            assertThat(name.length()).isGreaterThan(BodyScanner.MAX_MODEL_BYTES / 4);
        } else if (!name.contains("\uFFFD") && Chunks.utf8(name).length > BodyScanner.MAX_MODEL_BYTES) {
            assertThat(scanner.modelField()).isEqualTo(ModelField.TOO_LONG);
        } else if (name.chars().anyMatch(Character::isISOControl)) {
            assertThat(scanner.modelField()).isEqualTo(ModelField.NOT_A_NAME);
        } else if (name.isBlank()) {
            assertThat(scanner.modelField()).isEqualTo(ModelField.BLANK);
        } else {
            assertThat(scanner.model()).contains(name);
        }
        if (judged.ids.size() <= RequestScanner.MAX_REFERENCES) {
            assertThat(scanner.references()).containsExactlyElementsOf(judged.ids);
        } else {
            assertThat(judged.ids).startsWith(scanner.references().toArray(String[]::new));
        }
    }

    private static void assertRenamed(
            byte[] body, int[] sizes, RequestScanner scanner, JudgedJson judged, String name) {
        List<String> expected = new ArrayList<>(judged.tokens);
        if (scanner.modelKnown()) {
            expected.set(judged.firstModel, "VALUE_STRING " + name);
        } else if (scanner.modelField() == ModelField.ABSENT) {
            expected.addAll(1, List.of("key model", "VALUE_STRING " + name));
        } else {
            return;
        }
        SpanEdit edit = scanner.rename(name);

        Edited edited = Edited.of(body, sizes, edit);

        assertThat(JudgedJson.of(edited.bytes()).tokens).isEqualTo(expected);
        assertThat(edited.bytes()).hasSize((int) (body.length + edit.delta()));
    }
}
