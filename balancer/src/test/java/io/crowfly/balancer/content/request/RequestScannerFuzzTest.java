package io.crowfly.balancer.content.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.content.json.Chunks;
import io.crowfly.balancer.content.request.BodyScanner.ModelValue;
import io.crowfly.balancer.content.request.BodyScanner.State;
import io.crowfly.balancer.content.request.ReferenceJson.Verdict;
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
 * Comparison of the scanner with a real parser: both agree on every document, intact or damaged, however it is cut.
 * After a renaming, the parser reads the new name and no other change.
 *
 * <p>{@code mvn -pl balancer -am test -Dtest=RequestScannerFuzzTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dcrowfly.fuzz.tries=1000000} tries that many bodies. A failure shows the body and its chunks.
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
        for (int changes = 1 + random.nextInt(3); changes > 0 && damaged.length > 0; changes--) {
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
        ReferenceJson reference = ReferenceJson.of(body);
        try {
            assertThat(scanner.state() == State.COMPLETE).isEqualTo(reference.verdict == Verdict.OBJECT);
            assertThat(scanner.state() == State.TOO_DEEP).isEqualTo(reference.verdict == Verdict.TOO_DEEP);
            if (reference.verdict == Verdict.OBJECT) {
                assertSameFacts(scanner, reference);
                assertRenamed(body, sizes, scanner, reference, NAMES[random.nextInt(NAMES.length)]);
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

    private static void assertSameFacts(RequestScanner scanner, ReferenceJson reference) {
        assertThat(scanner.streamRequested()).isEqualTo(reference.stream);
        assertThat(scanner.duplicateModel()).isEqualTo(reference.models.size() > 1);
        Object first = reference.models.isEmpty() ? null : reference.models.get(0);
        if (first == null) {
            assertThat(scanner.modelValue()).isEqualTo(ModelValue.ABSENT);
        } else if (!(first instanceof String name)) {
            assertThat(scanner.modelValue()).isEqualTo(first == ModelValue.MISSPELT ? first : ModelValue.NOT_A_STRING);
        } else if (name.contains("\uFFFD") && scanner.modelValue() == ModelValue.TOO_LONG) {
            // For invalid UTF-8 the reference does not know the original length.
            assertThat(name.length()).isGreaterThan(BodyScanner.MAX_MODEL_BYTES / 4);
        } else if (!name.contains("\uFFFD") && Chunks.utf8(name).length > BodyScanner.MAX_MODEL_BYTES) {
            assertThat(scanner.modelValue()).isEqualTo(ModelValue.TOO_LONG);
        } else if (name.chars().anyMatch(c -> Character.isISOControl(c) || c == 0xFFFD)) {
            assertThat(scanner.modelValue()).isEqualTo(ModelValue.NOT_A_NAME);
        } else if (name.isBlank()) {
            assertThat(scanner.modelValue()).isEqualTo(ModelValue.BLANK);
        } else {
            assertThat(scanner.model()).contains(name);
        }
        if (reference.ids.size() <= RequestScanner.MAX_REFERENCES) {
            assertThat(scanner.referencedIds()).containsExactlyElementsOf(reference.ids);
        } else {
            assertThat(reference.ids).startsWith(scanner.referencedIds().toArray(String[]::new));
        }
    }

    private static void assertRenamed(
            byte[] body, int[] sizes, RequestScanner scanner, ReferenceJson reference, String name) {
        List<String> expected = new ArrayList<>(reference.tokens);
        if (scanner.modelKnown()) {
            expected.set(reference.firstModel, "VALUE_STRING " + name);
        } else if (scanner.modelValue() == ModelValue.ABSENT) {
            expected.addAll(1, List.of("key model", "VALUE_STRING " + name));
        } else {
            return;
        }
        SpanEdit edit = scanner.renameModel(name);

        EditedBody edited = EditedBody.of(body, sizes, edit);

        assertThat(ReferenceJson.of(edited.bytes()).tokens).isEqualTo(expected);
        assertThat(edited.bytes()).hasSize((int) (body.length + edit.delta()));
    }
}
