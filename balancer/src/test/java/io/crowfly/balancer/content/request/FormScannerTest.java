package io.crowfly.balancer.content.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crowfly.balancer.content.json.Chunks;
import io.crowfly.balancer.content.request.BodyScanner.ModelValue;
import io.crowfly.balancer.content.request.BodyScanner.State;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormScannerTest {

    private static final int[] SIZES = {1, 2, 3, 7, Integer.MAX_VALUE};

    private static final String TYPE = "multipart/form-data; boundary=\"----fixBoundary7MA4YWxk\"";
    private static final String DELIMITER = "------fixBoundary7MA4YWxk\r\n";
    private static final String END = "------fixBoundary7MA4YWxk--\r\n";

    private static final String FILE = DELIMITER
            + "Content-Disposition: form-data; name=\"file\"; filename=\"model.wav\"\r\nContent-Type: audio/wav\r\n\r\n"
            + "RIFF....name=\"model\"....not-a-boundary--fixBoundary\r\n\r\r\n------fixBoundary7MA4YWx\r\n--\r\n"
            + "content-disposition: form-data; name=\"model\"\r\n\r\ndecoy\r\n";
    private static final String STREAM = DELIMITER + "Content-Disposition: form-data; name=\"stream\"\r\n\r\ntrue\r\n";
    private static final String MODEL = model("gpt-4o-transcribe");

    private static String model(String name) {
        return DELIMITER + "content-disposition: form-data; name=\"model\"\r\n\r\n" + name + "\r\n";
    }

    static Stream<Arguments> forms() {
        return Stream.of(
                Arguments.of(FILE + MODEL + STREAM + END, true),
                Arguments.of(MODEL + STREAM + FILE + END, true),
                Arguments.of(STREAM + FILE + MODEL + END + "\r\n \t", true),
                Arguments.of(MODEL + END.substring(0, END.length() - 2), false));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void findsTheModelInEveryPosition(String form, boolean stream) {
        for (int size : SIZES) {
            FormScanner scanner = scan(form, size);

            assertThat(scanner.state()).as("chunks of %d", size).isEqualTo(State.COMPLETE);
            assertThat(scanner.model()).as("chunks of %d", size).contains("gpt-4o-transcribe");
            assertThat(scanner.duplicateModel()).isFalse();
            assertThat(scanner.streamRequested()).isEqualTo(stream);
            assertThat(scanner.offset()).isEqualTo(form.length());
            assertThat(scanner.reason()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void replacesTheNameAndNothingElse(String form, boolean stream) {
        String expected = form.replaceFirst("gpt-4o-transcribe", "weu");
        for (int size : SIZES) {
            SpanEdit edit = scan(form, 5).renameModel("weu");

            EditedBody edited = EditedBody.of(Chunks.utf8(form), new int[] {size}, edit);

            assertThat(edited.text()).as("chunks of %d", size).isEqualTo(expected);
            assertThat(edited.newBytes()).isEqualTo("weu".length());
            assertThat(edit.delta()).isEqualTo(expected.length() - form.length());
        }
    }

    @Test
    void insertsAPartBeforeTheOthersWhereNoneNamesAModel() {
        String form = FILE + STREAM + END;
        for (int size : SIZES) {
            SpanEdit edit = scan(form, size).renameModel("日本");

            String edited =
                    EditedBody.of(Chunks.utf8(form), new int[] {size}, edit).text();

            assertThat(edited).isEqualTo(model("日本").replace("content-d", "Content-D") + FILE + STREAM + END);
            assertThat(scan(edited, size).model()).contains("日本");
            assertThat(edit.delta()).isEqualTo(Chunks.utf8(edited).length - form.length());
        }
    }

    @Test
    void isUndecidedWhereverAFormIsCutShort() {
        String form = FILE + MODEL + END;
        int last = form.lastIndexOf("--");
        for (int length = 0; length < form.length(); length++) {
            for (int size : SIZES) {
                State expected = length < last + 2 ? State.UNDECIDED : State.COMPLETE;
                assertThat(scan(form.substring(0, length), size).state())
                        .as("after %d bytes, in chunks of %d", length, size)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void knowsTheModelOnceTheNextDelimiterHasCome() {
        String untilDelimiter = MODEL + DELIMITER.substring(0, DELIMITER.length() - 3);
        assertThat(scan(untilDelimiter, 4).modelKnown()).isFalse();

        FormScanner scanner = scan(MODEL + DELIMITER, 4);

        assertThat(scanner.modelKnown()).isTrue();
        assertThat(EditedBody.of(Chunks.utf8(MODEL + DELIMITER), new int[] {9}, scanner.renameModel("m"))
                        .text())
                .isEqualTo(model("m") + DELIMITER);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Disposition: form-data; name=\"model\"",
                "CONTENT-DISPOSITION:form-data;name=model",
                "Content-Type: text/plain\r\nContent-Disposition: form-data; name=model",
                "Content-Disposition: form-data; name=\"model\"\r\nContent-Type: text/plain;charset=UTF-8",
                "Content-Disposition: form-data; name=\"model\"\r\nContent-Type: text/plain; charset=\"us-ascii\"",
                "Content-Disposition: form-data; name=\"model\"\r\nContent-Length: 1",
                "Content-Disposition: form-data; name=\"model\"\r\nContent-Type: text/plain; charset=ISO-8859-1\r\n"
                        + "Content-Transfer-Encoding: 8bit",
            })
    void readsThePartsOfHonestClients(String head) {
        for (int size : SIZES) {
            FormScanner scanner = scan(part(head, "m") + END, size);
            assertThat(scanner.state()).as(scanner.reason()).isEqualTo(State.COMPLETE);
            assertThat(scanner.model()).as("chunks of %d", size).contains("m");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Disposition: form-data; name=\"file\"; filename=\"C:\\a;b\\model é=1.wav\"",
                "Content-Disposition: form-data; name=file; filename=a.wav; filename*=utf-8''a%20b.wav",
                "Content-Disposition: form-data; name=\"image[]\"; filename=\"\"; size=1",
                "Content-Disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\"; c.wav\"",
                "Content-Disposition: form-data; name=\"file\"; filename=\"\\\"\"",
                "Content-Disposition: form-data; name=\"file\"; filename=\"C:\\\\a\\\\\"",
                "Content-Disposition: form-data; name=\"file\"; filename=\"a\"\r\nContent-Type: video/mp4; codecs=\"avc1, mp4a\"",
                "Content-Disposition: form-data; name=\"timestamp_granularities[]\"",
                "Content-Disposition: form-data; name=\"models\"",
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Type: application/json",
            })
    void readsNoOtherPartAsTheModel(String head) {
        FormScanner scanner = scan(part(head, "m") + MODEL + END, 3);

        assertThat(scanner.state()).as(scanner.reason()).isEqualTo(State.COMPLETE);
        assertThat(scanner.model()).contains("gpt-4o-transcribe");
    }

    /** Each of these is the field {@code model}, or none, or has another content, for some parsers in use. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "X: y",
                "form-data; name=\"model\"",
                "X-Content-Disposition: form-data; name=\"model\"",
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"model\"",
                "Content-Disposition: form-data; name=\"a\"\r\ncontent-disposition: form-data; name=\"a\"",
                "Content-Disposition: form-data; name=\"model\"; name=\"a\"",
                "Content-Disposition: form-data; name=\"a\"; NAME=\"model\"",
                "Content-Disposition: form-data; name=\"a\"; name*=utf-8''model",
                "Content-Disposition: form-data; name*=utf-8''model",
                "Content-Disposition: form-data; name*0=mo; name*1=del",
                "Content-Disposition: attachment; name=\"model\"",
                "Content-Disposition: form-data, form-data; name=\"model\"",
                "Content-Disposition: form-data",
                "Content-Disposition: form-data; name=\"\"",
                "Content-Disposition: Form-Data; name=\"model\"",
                "Content-Disposition: form-data; Name=\"model\"",
                "Content-Disposition: form-data; name=\"model",
                "Content-Disposition: form-data; name= \"model\"",
                "Content-Disposition: form-data; name=\"model\" ; a=b",
                "Content-Disposition: form-data;; name=\"model\"",
                "Content-Disposition: form-data; name=\"model\";",
                "Content-Disposition: form-data; name=mod\"el\"",
                "Content-Disposition: form-data; name=\"mod\\el\"",
                "Content-Disposition: form-data; name=\"mod%65l\"",
                "Content-Disposition: form-data; name=\"=?utf-8?q?model?=\"",
                "Content-Disposition: form-data; name='model'",
                "Content-Disposition: form-data; name=\"é\"",
                "Content-Disposition: form-data; name=\"a\u0000model\"",
                "Content-Disposition: form-data; name=\"a\"; x=\"; name=\"",
                "Content-Disposition: form-data; name=\"a\"; filename=\"; name=model\"",
                "Content-Disposition: form-data; name=\"a\"; filename=\"\\\"; name=\\\"model\"",
                "Content-Disposition: form-data; name=\"a\"; filename*=é",
                "Content-Disposition: form-data; filename=\"a\\\"b\"; name=\"a\"",
                "Content-Disposition: form-data; name=\"a\"; filename=\"a\\\"b\"; size=1",
                "Content-Disposition: form-data; name=\"a\"; filename=\"a\\\"",
                "Content-Disposition: form-data; name=\"a\"; filename=\"a\\\"b\"c\"",
                "Content-Disposition: form-data; name=\"a\"; filename=\"a\\\"; NAME=model; \\\"\"",
                "Content-Disposition: form-data; name=\"mod\\\"el\"",
                "Content-Disposition: form-data;\r\n name=\"model\"",
                "Content-Disposition : form-data; name=\"model\"",
                " Content-Disposition: form-data; name=\"model\"",
                "Content-Disposition:\tform-data; name=\"model\"",
                "Content-Disposition: form-data; name=\"model\"; filename=\"m\"",
                "Content-Disposition: form-data; filename*=UTF-8''m; name=\"model\"",
                "Content-Disposition: form-data; name=\"_charset_\"",
                "Content-Disposition: form-data; name=\"model\"\r\nContent-Type: application/json",
                "Content-Disposition: form-data; name=\"model\"\r\nContent-Type: text/plain; charset=utf-7",
                "Content-Disposition: form-data; name=\"model\"\r\nContent-Type: text/plain; charset=utf-16le",
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Type: text/plain; name=\"model\"",
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Type: multipart/mixed; boundary=b",
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Type: a/b\r\nContent-Type: a/b",
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64",
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: quoted-printable",
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Encoding: gzip",
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Length: 2",
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Length: -1",
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Length: 1000000000000000000000",
            })
    void refusesAPartThatParsersReadInDifferentWays(String head) {
        for (int size : SIZES) {
            assertThat(scan(part(head, "m") + MODEL + END, size).state()).isEqualTo(State.MALFORMED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Model", "MODEL", " model", "model ", "model[]", "Model[0]"})
    void aFieldThatOnlySomeBackendsReadAsTheModelIsMisspelt(String name) {
        String head = "Content-Disposition: form-data; name=\"" + name + '"';

        assertThat(scan(part(head, "m") + END, 3).modelValue()).isEqualTo(ModelValue.MISSPELT);
        assertThat(scan(MODEL + part(head, "m") + END, 3).duplicateModel()).isTrue();
    }

    private static String part(String head, String content) {
        return DELIMITER + head + "\r\n\r\n" + content + "\r\n";
    }

    @Test
    void refusesANameThatParsersDecodeInDifferentWays() {
        String head = "Content-Disposition: form-data; name=\"model\"\r\n";
        for (String more :
                new String[] {"Content-Transfer-Encoding: 7bit", "Content-Type: text/plain; charset=iso-8859-1"}) {
            assertThat(scan(part(head + more, "é") + END, 3).state()).as(more).isEqualTo(State.MALFORMED);
            assertThat(scan(part(head + more, "m") + END, 3).model()).as(more).contains("m");
        }
        FormScanner invalid = new FormScanner(TYPE);
        byte[] latin1 = model("é").concat(END).getBytes(StandardCharsets.ISO_8859_1);
        Chunks.feed(latin1, new int[] {3}, invalid::scan);
        assertThat(invalid.state()).isEqualTo(State.MALFORMED);
    }

    static Stream<Arguments> malformedForms() {
        String head = "Content-Disposition: form-data; name=\"model\"";
        return Stream.of(
                Arguments.of(DELIMITER.strip() + "x", 25, "unexpected text after a delimiter"),
                Arguments.of(DELIMITER.strip() + "\n", 25, "unexpected text after a delimiter"),
                Arguments.of(DELIMITER.strip() + "-\r\n", 26, "unexpected text after a delimiter"),
                Arguments.of(DELIMITER.strip() + " \r\n", 25, "unexpected text after a delimiter"),
                Arguments.of(DELIMITER.strip() + "\rx", 26, "a line break was expected"),
                Arguments.of("\r\n", 0, "text before the first delimiter"),
                Arguments.of("preamble\r\n", 0, "text before the first delimiter"),
                Arguments.of(DELIMITER.substring(0, 5) + "x", 5, "text before the first delimiter"),
                Arguments.of(DELIMITER + head + "\n\n", 71, "an incomplete line break in the headers of a part"),
                Arguments.of(DELIMITER + head + "\r\r\n", 72, "an incomplete line break in the headers of a part"),
                Arguments.of(DELIMITER + "x".repeat(9000), 27 + 8192, "the headers of a part are too large"),
                Arguments.of(DELIMITER + "\r\n", 28, "parsers read the headers of a part in different ways"));
    }

    @ParameterizedTest
    @MethodSource("malformedForms")
    void reportsWhereAndWhyAFormIsMalformed(String form, long offset, String reason) {
        for (int size : SIZES) {
            FormScanner scanner = scan(form + MODEL, size);

            assertThat(scanner.state()).isEqualTo(State.MALFORMED);
            assertThat(scanner.reason()).isEqualTo(reason);
            assertThat(scanner.offset()).isEqualTo(offset);
            assertThat(scanner.modelValue()).isEqualTo(ModelValue.ABSENT);
        }
    }

    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of("", ModelValue.BLANK),
                Arguments.of(" \u3000", ModelValue.BLANK),
                Arguments.of(" x ", ModelValue.NAME),
                Arguments.of("é".repeat(128), ModelValue.NAME),
                Arguments.of("é".repeat(128) + "x", ModelValue.TOO_LONG),
                Arguments.of("x".repeat(100_000), ModelValue.TOO_LONG),
                Arguments.of("a\r\nb", ModelValue.NOT_A_NAME),
                Arguments.of("a\r\n------fix", ModelValue.NOT_A_NAME),
                Arguments.of("a\u0000", ModelValue.NOT_A_NAME),
                Arguments.of("\r", ModelValue.NOT_A_NAME),
                Arguments.of("a\u007f", ModelValue.NOT_A_NAME));
    }

    @ParameterizedTest
    @MethodSource("values")
    void classifiesTheValueOfTheModel(String value, ModelValue field) {
        for (int size : SIZES) {
            FormScanner scanner = scan(model(value) + END, size);

            assertThat(scanner.state()).isEqualTo(State.COMPLETE);
            assertThat(scanner.modelValue()).isEqualTo(field);
            assertThat(scanner.model().isPresent()).isEqualTo(field == ModelValue.NAME);
            scanner.model().ifPresent(name -> assertThat(name).isEqualTo(value));
        }
    }

    @Test
    void reportsASecondModelAndKeepsTheFirst() {
        FormScanner scanner = scan(MODEL + FILE + model("o3") + END, 3);

        assertThat(scanner.duplicateModel()).isTrue();
        assertThat(scanner.model()).contains("gpt-4o-transcribe");
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "", "truely", "true\r\n"})
    void reportsNoStreamUnlessRequested(String value) {
        assertThat(scan(STREAM.replace("true", value) + END, 3).streamRequested())
                .isFalse();
    }

    @Test
    void refusesToRenameWithoutAKnownPlace() {
        FormScanner unfinished = scan(FILE, 3);
        FormScanner unnameable = scan(model("a\tb") + END, 3);

        assertThatThrownBy(() -> unfinished.renameModel("m")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> unnameable.renameModel("m")).isInstanceOf(IllegalStateException.class);
    }

    private static FormScanner scan(String form, int size) {
        FormScanner scanner = new FormScanner(TYPE);
        Chunks.feed(Chunks.utf8(form), new int[] {size}, scanner::scan);
        return scanner;
    }
}
