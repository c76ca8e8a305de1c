package io.crowfly.balancer.content.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crowfly.balancer.content.json.Chunks;
import io.crowfly.balancer.content.request.BodyScanner.ModelValue;
import io.crowfly.balancer.content.request.BodyScanner.State;
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
                Arguments.of("\r\n" + STREAM + FILE + MODEL + END, true),
                Arguments.of("preamble " + DELIMITER + "\r\n" + MODEL + END + "epilogue\r\n" + MODEL, false),
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

    @ParameterizedTest
    @ValueSource(strings = {"", "\r\n", "preamble\r\n"})
    void insertsAPartBeforeTheOthersWhereNoneNamesAModel(String preamble) {
        String form = preamble + FILE + STREAM + END;
        for (int size : SIZES) {
            SpanEdit edit = scan(form, size).renameModel("日本");

            String edited =
                    EditedBody.of(Chunks.utf8(form), new int[] {size}, edit).text();

            assertThat(edited)
                    .isEqualTo(preamble + model("日本").replace("content-d", "Content-D") + FILE + STREAM + END);
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
                "Content-Type: text/plain\r\nCONTENT-DISPOSITION:form-data;name=model",
                "content-disposition :  Form-Data ; NAME = \"model\" ; x=\"a;b\"",
                "Content-Disposition: form-data;\r\n name=\"model\"\r\nX: y",
                "Content-Disposition: form-data; x=\"; name=\\\"no\"; name=\"mod\\el\"",
            })
    void readsTheHeadersOfAPartInEveryForm(String head) {
        String form = DELIMITER + head + "\r\n\r\nm\r\n" + END;
        for (int size : SIZES) {
            assertThat(scan(form, size).model()).as("chunks of %d", size).contains("m");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Disposition: form-data; name=\"model\"; filename=\"m\"",
                "Content-Disposition: form-data; filename*=UTF-8''m; name=\"model\"",
                "Content-Disposition: attachment; name=\"model\"",
                "Content-Disposition: form-data; name=\"Model\"",
                "Content-Disposition: form-data; name=\"model",
                "Content-Disposition: form-data; x=\"; name=model\"",
                "Content-Disposition: form-data",
                "X-Content-Disposition: form-data; name=\"model\"",
                "form-data; name=\"model\"",
            })
    void readsNothingElseAsTheModel(String head) {
        FormScanner scanner = scan(DELIMITER + head + "\r\n\r\nm\r\n" + END, 3);

        assertThat(scanner.state()).isEqualTo(State.COMPLETE);
        assertThat(scanner.modelValue()).isEqualTo(ModelValue.ABSENT);
    }

    static Stream<Arguments> contentTypes() {
        return Stream.of(
                Arguments.of("multipart/form-data; boundary=x", "x"),
                Arguments.of("multipart/form-data;charset=utf-8;BOUNDARY=\"a b'()+_,-./:=?\"", "a b'()+_,-./:=?"),
                Arguments.of("multipart/form-data; a=\"; boundary=no\"; boundary=yes ; b=c", "yes"),
                Arguments.of("multipart/form-data; boundary=" + "x".repeat(70), "x".repeat(70)));
    }

    @ParameterizedTest
    @MethodSource("contentTypes")
    void readsTheBoundaryInEveryForm(String contentType, String boundary) {
        FormScanner scanner = new FormScanner(contentType);
        String form =
                "--" + boundary + " \t\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n--" + boundary + "--";

        Chunks.feed(Chunks.utf8(form), new int[] {2}, scanner::scan);

        assertThat(scanner.state()).isEqualTo(State.COMPLETE);
        assertThat(scanner.model()).contains("m");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "multipart/form-data",
                "multipart/form-data; boundary",
                "multipart/form-data; boundary=",
                "multipart/form-data; boundary=\"\"",
                "multipart/form-data; boundary=\"x",
                "multipart/form-data; xboundary=x",
                "multipart/form-data; boundary=é",
                "multipart/form-data; boundary=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            })
    void refusesAFormWithoutABoundaryAtOnce(String contentType) {
        FormScanner scanner = new FormScanner(contentType);

        assertThat(scanner.state()).isEqualTo(State.MALFORMED);
        assertThat(scanner.reason()).isEqualTo("a form without a boundary");
        Chunks.feed(Chunks.utf8(MODEL + END), new int[] {7}, scanner::scan);
        assertThat(scanner.model()).isEmpty();
    }

    static Stream<Arguments> malformedForms() {
        String head = "Content-Disposition: form-data; name=\"model\"";
        return Stream.of(
                Arguments.of(DELIMITER.strip() + "x", 25, "unexpected text after a delimiter"),
                Arguments.of(DELIMITER.strip() + "\n", 25, "unexpected text after a delimiter"),
                Arguments.of(DELIMITER.strip() + "-\r\n", 26, "unexpected text after a delimiter"),
                Arguments.of(DELIMITER.strip() + " \rx", 27, "a line break was expected"),
                Arguments.of(DELIMITER + head + "\n\n", 71, "an incomplete line break in the headers of a part"),
                Arguments.of(DELIMITER + head + "\r\r\n", 72, "an incomplete line break in the headers of a part"),
                Arguments.of(DELIMITER + "x".repeat(9000), 27 + 8192, "the headers of a part are too large"));
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
