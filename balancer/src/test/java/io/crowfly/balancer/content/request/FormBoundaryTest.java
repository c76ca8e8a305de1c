package io.crowfly.balancer.content.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.content.json.Chunks;
import io.crowfly.balancer.content.request.BodyScanner.State;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The boundary in the content type of a form, and the delimiters between its parts. */
class FormBoundaryTest {

    private static final String DELIMITER = "------fixBoundary7MA4YWxk\r\n";
    private static final String END = "------fixBoundary7MA4YWxk--\r\n";
    private static final String MODEL =
            DELIMITER + "content-disposition: form-data; name=\"model\"\r\n\r\ngpt-4o-transcribe\r\n";

    static Stream<Arguments> contentTypes() {
        return Stream.of(
                Arguments.of("multipart/form-data; boundary=x", "x"),
                Arguments.of("multipart/form-data;charset=utf-8;boundary=\"ab'()+_-./:=?\"", "ab'()+_-./:=?"),
                Arguments.of("multipart/form-data; boundary=\"yes\"; charset=UTF-8", "yes"),
                Arguments.of("multipart/form-data; boundary=" + "x".repeat(70), "x".repeat(70)));
    }

    @ParameterizedTest
    @MethodSource("contentTypes")
    void readsTheBoundaryInEveryForm(String contentType, String boundary) {
        FormScanner scanner = new FormScanner(contentType);
        String form =
                "--" + boundary + "\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n--" + boundary + "--";

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
                "Multipart/Form-Data; boundary=x",
                "multipart/form-data; BOUNDARY=x",
                "multipart/form-data; boundary=x; boundary=x",
                "multipart/form-data; boundary=x; Boundary=y",
                "multipart/form-data; boundary*=utf-8''x",
                "multipart/form-data; boundary=x; a=\"; boundary=y\"",
                "multipart/form-data; a=\"; boundary=y\"; boundary=x",
                "multipart/form-data; boundary=\"a b\"",
                "multipart/form-data; boundary=\"a,b\"",
                "multipart/form-data; boundary=\"a\\b\"",
                "multipart/form-data; boundary=a=b",
                "multipart/form-data; boundary=x, boundary=y",
                "multipart/form-data; boundary=x ",
                "multipart/form-data ; boundary=x",
                "multipart/form-data, boundary=x",
                "multipart/form-data; boundary=x; charset=utf-16",
                "multipart/form-data; boundary=x, multipart/form-data; boundary=y",
                "multipart/mixed; boundary=x",
                "text/plain, multipart/form-data; boundary=x",
                "multipart/form-data; boundary=é",
                "multipart/form-data; boundary=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            })
    void refusesAFormWithoutOneReadableBoundaryAtOnce(String contentType) {
        FormScanner scanner = new FormScanner(contentType);

        assertThat(scanner.state()).isEqualTo(State.MALFORMED);
        assertThat(scanner.reason()).isEqualTo("the content type is not that of a form with one plain boundary");
        Chunks.feed(Chunks.utf8(MODEL + END), new int[] {7}, scanner::scan);
        assertThat(scanner.model()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\n", "\r", "x\n\n", "x\n\r", "", "x", "\r\nx", "-", "\r\n-", "x------fix--", "\r\n------f"})
    void refusesADelimiterWithoutALineBreakBeforeIt(String before) {
        String form = DELIMITER + "Content-Disposition: form-data; name=\"a\"\r\n\r\n" + before + DELIMITER;
        for (int size : new int[] {1, 2, 3, 7, Integer.MAX_VALUE}) {
            FormScanner scanner = scan(form + MODEL + END, size);

            assertThat(scanner.state()).isEqualTo(State.MALFORMED);
            assertThat(scanner.reason()).isEqualTo("a delimiter without a line break before it");
        }
    }

    @Test
    void refusesTextAfterTheLastDelimiter() {
        for (String epilogue : new String[] {"x", "\r\nepilogue", MODEL}) {
            FormScanner scanner = scan(MODEL + END + epilogue, 3);

            assertThat(scanner.state()).isEqualTo(State.MALFORMED);
            assertThat(scanner.reason()).isEqualTo("text after the last delimiter");
        }
    }

    private static FormScanner scan(String form, int size) {
        FormScanner scanner = new FormScanner("multipart/form-data; boundary=\"----fixBoundary7MA4YWxk\"");
        Chunks.feed(Chunks.utf8(form), new int[] {size}, scanner::scan);
        return scanner;
    }
}
