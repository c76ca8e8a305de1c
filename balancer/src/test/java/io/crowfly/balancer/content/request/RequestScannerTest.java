package io.crowfly.balancer.content.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.content.json.Chunks;
import io.crowfly.balancer.content.json.JsonTokenizer;
import io.crowfly.balancer.content.request.BodyScanner.ModelValue;
import io.crowfly.balancer.content.request.BodyScanner.State;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestScannerTest {

    private static final String MINIMAL =
            "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    static Stream<Arguments> bodies() {
        return Stream.of(
                        Arguments.of(MINIMAL, "gpt-4o", "\"gpt-4o\"", false),
                        Arguments.of(
                                "{\"messages\":[{\"role\":\"user\",\"content\":\"the key \\\"model\\\": \\\"fake\\\" is only"
                                        + " text\"}],\"model\":\"gpt-4o\",\"stream\":true}",
                                "gpt-4o",
                                "\"gpt-4o\"",
                                true),
                        Arguments.of(
                                "{\"moderation\":{\"model\":\"omni-moderation\"},\"metadata\":{\"model\":\"m\"},\"tools\":["
                                        + "{\"type\":\"image_generation\",\"model\":\"gpt-image-1\",\"stream\":true},"
                                        + "{\"type\":\"function\",\"function\":{\"parameters\":{\"type\":\"object\","
                                        + "\"properties\":{\"model\":{\"type\":\"string\"}},\"required\":[\"model\"]}}}],"
                                        + "\"model\":\"gpt-4o\",\"input\":\"x\"}",
                                "gpt-4o",
                                "\"gpt-4o\"",
                                false),
                        Arguments.of("{\"\\u006dodel\":\"gpt-4o\",\"input\":\"x\"}", "gpt-4o", "\"gpt-4o\"", false),
                        Arguments.of(
                                "{\"input\":\"path C:\\\\\\\\\",\"model\":\"gpt-4o\"}", "gpt-4o", "\"gpt-4o\"", false),
                        Arguments.of(
                                "{ \"model\" : \"gpt-\\u0034o\", \"input\" : \"blåbær 日本 \\ud83d\\ude00 😀\" }",
                                "gpt-4o",
                                "\"gpt-\\u0034o\"",
                                false),
                        Arguments.of(
                                "{\"model\":\"gpt-5\",\"store\":true,\"conversation\":{\"id\":\"conv_fix\"},\"input\":["
                                        + "{\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":\"gAAA-fake\"},"
                                        + "{\"role\":\"user\",\"content\":[{\"type\":\"input_file\"}]}]}",
                                "gpt-5",
                                "\"gpt-5\"",
                                false),
                        Arguments.of(
                                "{\"models\":[\"a\"],\"model_\":\"b\",\"Models\":\"c\",\"model\":\"gpt-4o\",\"input\":\"x\"}",
                                "gpt-4o",
                                "\"gpt-4o\"",
                                false),
                        Arguments.of(
                                "{\"type\":\"response.create\",\"model\":\"gpt-4.1\",\"store\":false,\"input\":[],\"tools\":[]}",
                                "gpt-4.1",
                                "\"gpt-4.1\"",
                                false),
                        Arguments.of(BYTE_ORDER_MARK + MINIMAL, "gpt-4o", "\"gpt-4o\"", false),
                        Arguments.of(
                                "\r\n\t {\r\n\t \"stream\"\r\n\t :\r\n\t true ,\"model\"\t:\n\"\\ud83d\\ude00\\/日\\u00e5\"\r\n}\n\n",
                                "😀/日å",
                                "\"\\ud83d\\ude00\\/日\\u00e5\"",
                                true),
                        Arguments.of("{\"model\":\"m\",\"stream\":true,\"stream\":null}", "m", "\"m\"", false))
                .flatMap(RequestScannerTest::inEveryChunkSize);
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void findsTheTopLevelModelAndItsPosition(String body, String model, String literal, boolean stream, int size) {
        RequestScanner scanner = scan(body, size);

        assertThat(scanner.state()).isEqualTo(State.COMPLETE);
        assertThat(scanner.modelKnown()).isTrue();
        assertThat(scanner.modelValue()).isEqualTo(ModelValue.NAME);
        assertThat(scanner.duplicateModel()).isFalse();
        assertThat(scanner.model()).contains(model);
        assertThat(scanner.streamRequested()).isEqualTo(stream);
        assertThat(scanner.reason()).isEmpty();
        assertThat(scanner.offset()).isEqualTo(Chunks.utf8(body).length);
        assertThat(cut(body, scanner)).isEqualTo(literal);
    }

    static Stream<Arguments> bodiesWithoutAName() {
        return Stream.of(
                        Arguments.of("{\"model\":null,\"input\":\"x\"}", ModelValue.NOT_A_STRING),
                        Arguments.of("{\"model\":{\"model\":\"a\"}}", ModelValue.NOT_A_STRING),
                        Arguments.of("{\"model\":[\"a\"],\"x\":\"y\"}", ModelValue.NOT_A_STRING),
                        Arguments.of("{\"model\":4}", ModelValue.NOT_A_STRING),
                        Arguments.of("{\"Model\":\"a\",\"x\":{\"model\":\"b\"}}", ModelValue.MISSPELT),
                        Arguments.of("{\"MODEL\":null}", ModelValue.MISSPELT),
                        Arguments.of("{\"mo\\u0044eL\":[\"a\"]}", ModelValue.MISSPELT),
                        Arguments.of("{\"model\\u0000\":\"a\"}", ModelValue.MISSPELT),
                        Arguments.of("{\"moDel\\u0000x\\u0000\":\"a\"}", ModelValue.MISSPELT),
                        Arguments.of(
                                "{\"\\u0000model\":\"a\",\"mode\\u0000l\":1,\"models\\u0000\":1}", ModelValue.ABSENT),
                        Arguments.of("{\"x\":{\"Model\":\"a\"},\"Models\":\"b\",\"STREAM\":true}", ModelValue.ABSENT),
                        Arguments.of("{\"model\":\"" + "é".repeat(128) + "x\"}", ModelValue.TOO_LONG),
                        Arguments.of("{\"prompt\":{\"id\":\"pmpt_fix\"},\"input\":\"x\"}", ModelValue.ABSENT),
                        Arguments.of("{}", ModelValue.ABSENT),
                        Arguments.of(
                                "{\"" + "model".repeat(1000) + "\":\"x\",\"\":\"y\",\"mode\":\"z\"}",
                                ModelValue.ABSENT),
                        Arguments.of("{\"\\u016dodel\":\"x\",\"mod\\u0000el\":\"y\"}", ModelValue.ABSENT))
                .flatMap(RequestScannerTest::inEveryChunkSize);
    }

    @ParameterizedTest
    @MethodSource("bodiesWithoutAName")
    void reportsTheKindOfAValueThatIsNoName(String body, ModelValue field, int size) {
        RequestScanner scanner = scan(body, size);

        assertThat(scanner.state()).isEqualTo(State.COMPLETE);
        assertThat(scanner.modelValue()).isEqualTo(field);
        assertThat(scanner.modelKnown()).isFalse();
        assertThat(scanner.model()).isEmpty();
        assertThat(scanner.modelStart()).isEqualTo(-1);
        assertThat(scanner.modelEnd()).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\"", "\" \"", "\"\\u0020\""})
    void treatsABlankNameAsAbsentAndReplaceable(String literal) {
        String body = "{\"model\":" + literal + ",\"input\":\"x\"}";
        RequestScanner scanner = scan(body, 3);

        assertThat(scanner.modelValue()).isEqualTo(ModelValue.BLANK);
        assertThat(scanner.modelKnown()).isTrue();
        assertThat(scanner.model()).isEmpty();
        assertThat(cut(body, scanner)).isEqualTo(literal);
    }

    @Test
    void keepsANameOfTheGreatestLength() {
        String name = "é".repeat(RequestScanner.MAX_MODEL_BYTES / 2);

        assertThat(scan("{\"model\":\"" + name + "\"}", 3).model()).contains(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"model\":\"gpt-4o\",\"input\":\"x\",\"model\":\"o3\"}",
                "{\"model\":\"gpt-4o\",\"input\":\"x\",\"mode\\u006c\":null}"
            })
    void reportsASecondModelAndKeepsTheFirst(String body) {
        for (int size : new int[] {1, 2, 3, 7, body.length()}) {
            RequestScanner scanner = scan(body, size);

            assertThat(scanner.state()).isEqualTo(State.COMPLETE);
            assertThat(scanner.duplicateModel()).isTrue();
            assertThat(scanner.model()).contains("gpt-4o");
            assertThat(cut(body, scanner)).isEqualTo("\"gpt-4o\"");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\"model\":\"m\",\"Model\":\"n\"", "\"MODEL\":\"n\",\"model\":\"m\"", "\"Model\":1,\"mODEL\":2"})
    void treatsAModelInAnotherCaseAsADuplicate(String members) {
        for (int size : new int[] {1, 7, 100}) {
            assertThat(scan("{" + members + "}", size).duplicateModel()).isTrue();
        }
    }

    @Test
    void reportsASecondModelAfterOneThatIsNoString() {
        RequestScanner scanner = scan("{\"model\":null,\"model\":\"o3\"}", 100);

        assertThat(scanner.duplicateModel()).isTrue();
        assertThat(scanner.modelValue()).isEqualTo(ModelValue.NOT_A_STRING);
    }

    @Test
    void knowsTheModelAtItsClosingQuote() {
        String untilName = "{\"model\":\"gpt-4o";
        RequestScanner scanner = scan(untilName, 1);
        assertThat(scanner.modelKnown()).isFalse();

        Chunks.feed(Chunks.utf8("\""), new int[] {1}, scanner::scan);

        assertThat(scanner.modelKnown()).isTrue();
        assertThat(scanner.state()).isEqualTo(State.UNDECIDED);
    }

    @Test
    void isUndecidedWhereverABodyIsCutShort() {
        for (int length = 0; length < MINIMAL.length(); length++) {
            for (int size : new int[] {1, 2, 3, 7, MINIMAL.length()}) {
                assertThat(scan(MINIMAL.substring(0, length), size).state())
                        .as("after %d bytes, in chunks of %d", length, size)
                        .isEqualTo(State.UNDECIDED);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "\"x\"",
                "17",
                "true",
                " null",
                "--boundary\r\n",
                "}",
                "\uFEFF\uFEFF{}",
                " \uFEFF{}",
                "[{\"model\":\"x\"}]"
            })
    void detectsAtTheFirstCharacterThatABodyIsNoObject(String body) {
        for (int size : new int[] {1, 2, 3, 7}) {
            RequestScanner scanner = scan(body, size);

            assertThat(scanner.state()).isEqualTo(State.NOT_AN_OBJECT);
            assertThat(scanner.model()).isEmpty();
        }
    }

    static Stream<Arguments> malformedBodies() {
        return Stream.of(
                        Arguments.of(MINIMAL + MINIMAL, MINIMAL.length(), "unexpected text after the object"),
                        Arguments.of("{} \n x", 5, "unexpected text after the object"),
                        Arguments.of("{]", 1, "a key or } was expected"),
                        Arguments.of("{,", 1, "a key or } was expected"),
                        Arguments.of("{\"a\":1,}", 7, "a key was expected"),
                        Arguments.of("{'a':1}", 1, "a key or } was expected"),
                        Arguments.of("{\"a\" 1}", 5, "a colon was expected"),
                        Arguments.of("{\"a\":}", 5, "a value was expected"),
                        Arguments.of("{\"a\":NaN}", 5, "a value was expected"),
                        Arguments.of("{\"a\":+1}", 5, "a value was expected"),
                        Arguments.of("{\"a\":.5}", 5, "a value was expected"),
                        Arguments.of("{\"a\":[1,]}", 8, "a value was expected"),
                        Arguments.of("{\"a\":[1}", 7, "a comma or ] was expected"),
                        Arguments.of("{\"a\":1]", 6, "a comma or } was expected"),
                        Arguments.of("{\"a\":1 2}", 7, "a comma or } was expected"),
                        Arguments.of("{\"a\":01}", 6, "an invalid number"),
                        Arguments.of("{\"a\":-}", 6, "an invalid number"),
                        Arguments.of("{\"a\":1.}", 7, "an invalid number"),
                        Arguments.of("{\"a\":1.e5}", 7, "an invalid number"),
                        Arguments.of("{\"a\":1e}", 7, "an invalid number"),
                        Arguments.of("{\"a\":1E+}", 8, "an invalid number"),
                        Arguments.of("{\"a\":1.5.5}", 8, "a comma or } was expected"),
                        Arguments.of("{\"a\":tru}", 8, "neither true, false nor null"),
                        Arguments.of("{\"a\":trued}", 9, "a comma or } was expected"),
                        Arguments.of("{\"a\":nul1}", 8, "neither true, false nor null"),
                        Arguments.of("{\"a\":fAlse}", 6, "neither true, false nor null"),
                        Arguments.of("{\"a\":\"x\ny\"}", 7, "a control character in a string"),
                        Arguments.of("{\"a\":\"0123456789\u001f\"}", 16, "a control character in a string"),
                        Arguments.of("{\"a\t\":1}", 3, "a control character in a string"),
                        Arguments.of("{\"model\":\"\u0000\"}", 10, "a control character in a string"),
                        Arguments.of("{\"a\":\"\\x\"}", 7, "an unknown escape in a string"),
                        Arguments.of("{\"a\":\"\\u12g4\"}", 10, "an escape without four hexadecimal digits"),
                        Arguments.of("{\"a\":\"\\u12\"}", 10, "an escape without four hexadecimal digits"),
                        Arguments.of("{/**/}", 1, "a key or } was expected"))
                .flatMap(RequestScannerTest::inEveryChunkSize);
    }

    @ParameterizedTest
    @MethodSource("malformedBodies")
    void reportsWhereAndWhyABodyIsMalformed(String body, long offset, String reason, int size) {
        RequestScanner scanner = scan(body, size);

        assertThat(scanner.state()).isEqualTo(State.MALFORMED);
        assertThat(scanner.reason()).isEqualTo(reason);
        assertThat(scanner.offset()).isEqualTo(offset);
    }

    @Test
    void readsEveryFormOfNumber() {
        String numbers = "0,-0,7,-12,3.25,0.5,-0.125,1e9,1E9,2e+3,2e-3,0e0,10.01E-07,123456789012345678901234567890";

        assertThat(scan("{\"a\":[" + numbers + "],\"b\":-0}", 1).state()).isEqualTo(State.COMPLETE);
    }

    @Test
    void followsEveryLevelDownToTheDeepestAllowed() {
        int levels = JsonTokenizer.MAX_DEPTH / 2;
        String deepest = "{\"model\":[".repeat(levels) + "]}".repeat(levels);

        assertThat(scan(deepest, 7).state()).isEqualTo(State.COMPLETE);
    }

    @Test
    void refusesTheLevelAfterTheDeepestAllowed() {
        RequestScanner scanner = new RequestScanner();
        Chunks.feed(Chunks.utf8("{\"a\":"), new int[] {5}, scanner::scan);
        ByteBuf brackets = Unpooled.copiedBuffer("[".repeat(64 * 1024), StandardCharsets.US_ASCII);
        try {
            // A gigabyte of them.
            for (int chunk = 0; chunk < 16 * 1024; chunk++) {
                scanner.scan(brackets);
            }
        } finally {
            brackets.release();
        }

        assertThat(scanner.state()).isEqualTo(State.TOO_DEEP);
        assertThat(scanner.reason()).isEqualTo("nested too deep");
        assertThat(scanner.offset()).isEqualTo("{\"a\":".length() + JsonTokenizer.MAX_DEPTH - 1);
    }

    @Test
    void findsTheEndOfAStringAtEveryDistance() {
        for (int length = 0; length < 40; length++) {
            for (String last : new String[] {"x", "\\\\", "\\\"", "å", "\u007f"}) {
                String body = "{\"input\":\"" + "z".repeat(length) + last + "\",\"model\":\"m\"}";

                RequestScanner scanner = scan(body, body.length() * 2);

                assertThat(scanner.state()).as(body).isEqualTo(State.COMPLETE);
                assertThat(cut(body, scanner)).isEqualTo("\"m\"");
            }
        }
    }

    @Test
    void readsAcrossThePartsOfACompositeBuffer() {
        byte[] body = Chunks.utf8("{\"input\":\"" + "z".repeat(100) + "\",\"model\":\"gpt-4o\"}");
        CompositeByteBuf whole = Unpooled.compositeBuffer(body.length);
        Chunks.feed(body, new int[] {1, 5, 11}, part -> whole.addComponent(true, part.copy()));
        RequestScanner scanner = new RequestScanner();
        try {
            scanner.scan(whole);
        } finally {
            whole.release();
        }

        assertThat(scanner.state()).isEqualTo(State.COMPLETE);
        assertThat(scanner.model()).contains("gpt-4o");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\ud83d", "\\ude00", "\\ud83d\\ud83d\\ude00", "\\ud83dx", "\\ude00\\ud83d"})
    void halfASurrogatePairIsNotPartOfAName(String escapes) {
        RequestScanner scanner = scan("{\"model\":\"" + escapes + "\"}", 1);

        assertThat(scanner.modelValue()).isEqualTo(ModelValue.NOT_A_NAME);
    }

    private static RequestScanner scan(String body, int size) {
        RequestScanner scanner = new RequestScanner();
        Chunks.feed(Chunks.utf8(body), new int[] {size}, scanner::scan);
        return scanner;
    }

    private static String cut(String body, RequestScanner scanner) {
        byte[] literal = Arrays.copyOfRange(Chunks.utf8(body), (int) scanner.modelStart(), (int) scanner.modelEnd());
        return new String(literal, StandardCharsets.UTF_8);
    }

    private static Stream<Arguments> inEveryChunkSize(Arguments body) {
        return Stream.of(1, 2, 3, 7, Integer.MAX_VALUE).map(size -> {
            Object[] arguments = Arrays.copyOf(body.get(), body.get().length + 1);
            arguments[arguments.length - 1] = size;
            return Arguments.of(arguments);
        });
    }
}
