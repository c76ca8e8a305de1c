package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlParserTest {

    @TempDir
    Path directory;

    TestConfFile file;

    @BeforeEach
    void file() {
        file = new TestConfFile(directory);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = true, textBlock = """
                    # nothing at all              | 1:1: the file is empty
                    - a                           | 1:1: the file is not a mapping
                    region:nl                     | 1:1: the file is not a mapping
                    admin:~\tbind: x              | 2:1: a tab can't indent YAML
                    a: 1~---~a: 2                 | 2:1: a second document starts here
                    a: &x 1                       | 1:4: anchors (`&`) are not allowed
                    a: 1~b: *x                    | 2:4: aliases (`*`) are not allowed
                    a: !!int 4                    | 1:4: tags (`!`) are not allowed
                    a: !e!y 4                     | 1:4: tags (`!`) are not allowed
                    a: "b                         | 1:6: not YAML: found unexpected end of stream
                    a: [1, 2~                     | 2:1: not YAML: expected ',' or ']', but got <stream end>
                    a: 1~ b: 2                    | 2:3: not YAML: mapping values are not allowed here
                    a: {b: ${env:KEY}}            | 1:9: unexpected brace
                    a: 1~b: @x                    | 2:4: not YAML: found character '@' that cannot start any token
                    %YAML 3.0~---~a: 1            | 1:1: not YAML 1.2 from here on
                    a: \u0007b                    | 1:4: a control character (U+0007) is not allowed in YAML
                    é: \u0007b                    | 1:4: a control character (U+0007) is not allowed in YAML
                    """)
    void reportsTheProblemAtItsPlace(String text, String problem) {
        // The table can't hold line breaks.
        assertThat(file.problems(text.replace('~', '\n')))
                .singleElement()
                .asString()
                .startsWith(problem + "; ");
    }

    @Test
    void deepNestingIsRefusedBeforeItOverflowsTheStack() {
        assertThat(file.problems("a: " + "[".repeat(100_000)))
                .singleElement()
                .asString()
                .startsWith("1:35: nested deeper than 32 levels; ");
        assertThat(file.problems("? {".repeat(100_000)))
                .singleElement()
                .asString()
                .contains("nested deeper");
        assertThat(file.problems("- ".repeat(100_000)))
                .singleElement()
                .asString()
                .contains("nested deeper");
    }

    @Test
    void anAliasBombIsRefusedAtItsFirstAnchor() {
        assertThat(file.problems("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"))
                .singleElement()
                .asString()
                .startsWith("1:4: anchors");
    }

    @Test
    void anIncompleteEscapeIsReportedAfterTheLastValidEvent() {
        assertThat(file.problems("a: b\nc: \"\\u"))
                .containsExactly("2:2: not YAML 1.2 from here on; check escapes and directives");
        assertThat(file.problems("c: \"\\UFFFFFFFF\""))
                .singleElement()
                .asString()
                .startsWith("1:");
    }

    /** Random edits, as by a typing error or a damaged disk. */
    @Test
    void garbledFilesAreReadOrRefusedButNeverThrow() {
        Random random = new Random(7);
        String alphabet = "\t\n :-[]{}#&*!|>'\"%@`,?\\x0aé\u0085\uFEFF~<";
        for (int i = 0; i < 500; i++) {
            StringBuilder text = new StringBuilder(TestConfFile.MINIMAL);
            for (int edits = 1 + random.nextInt(4); edits > 0; edits--) {
                int at = random.nextInt(text.length());
                text.replace(
                        at,
                        Math.min(text.length(), at + random.nextInt(3)),
                        String.valueOf(alphabet.charAt(random.nextInt(alphabet.length()))));
            }
            assertThat(file.problems(text.toString()))
                    .as("problems of %s", text)
                    .allMatch(problem -> problem.matches("\\d+:\\d+: .+; .+"));
        }
    }

    @Test
    void aFileThatIsNotUtf8IsReportedAtTheFirstInvalidByte() throws IOException {
        Files.write(file.path, "region: nl\n# caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(read()).containsExactly("2:6: the file is not UTF-8 here; save it as UTF-8");
    }

    @Test
    void utf16IsReported() throws IOException {
        Files.write(file.path, TestConfFile.MINIMAL.getBytes(StandardCharsets.UTF_16));

        assertThat(read()).containsExactly("1:1: the file is not UTF-8 here; save it as UTF-8");
    }

    @Test
    void anIncompleteCharacterAtTheEndIsNotUtf8() throws IOException {
        Files.write(file.path, new byte[] {'#', (byte) 0xc3});

        assertThat(read()).containsExactly("1:2: the file is not UTF-8 here; save it as UTF-8");
    }

    @Test
    void aHugeFileIsNotRead() {
        assertThat(file.problems("#".repeat(ConfFileReader.MAX_FILE_SIZE) + "\n"))
                .containsExactly("1:1: the conf file is larger than 1MiB; give the path of a readable YAML file");
    }

    @Test
    void aDirectoryIsNoConfFile() throws IOException {
        Files.createDirectory(file.path);

        assertThat(read())
                .containsExactly("1:1: the conf file is not a regular file; give the path of a readable YAML file");
    }

    private List<String> read() {
        return file.problems(new ConfReader(Map.of()).read(file.path));
    }
}
