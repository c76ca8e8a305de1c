package io.crowfly.balancer.content.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crowfly.balancer.content.json.Chunks;
import io.crowfly.balancer.content.request.BodyScanner.State;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that clients are known to send, and the expected result of renaming the model to {@code weu}. */
class RequestRenameTest {

    private static final int[] SIZES = {1, 2, 3, 7, Integer.MAX_VALUE};

    private static final String MODEL_FIRST =
            "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

    static Stream<Arguments> bodies() {
        return Stream.of(
                Arguments.of(
                        "model first",
                        "{«\"model\":\"gpt-4o\"»,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"),
                Arguments.of(
                        "model after the messages",
                        "{\"messages\":[{\"role\":\"user\",\"content\":\"the key \\\"model\\\": \\\"fake\\\" is only text\"}],"
                                + "«\"model\":\"gpt-4o\"»,\"stream\":true}"),
                Arguments.of(
                        "nested models",
                        "{\"moderation\":{\"model\":\"omni-moderation\"},\"metadata\":{\"model\":\"m\"},\"tools\":[{\"type\":"
                                + "\"image_generation\",\"model\":\"gpt-image-1\"},{\"type\":\"function\",\"function\":{\"name\":"
                                + "\"f\",\"parameters\":{\"type\":\"object\",\"properties\":{\"model\":{\"type\":\"string\"}},"
                                + "\"required\":[\"model\"]}}}],«\"model\":\"gpt-4o\"»,\"input\":\"x\"}"),
                Arguments.of("escaped key", "{«\"\\u006dodel\":\"gpt-4o\"»,\"input\":\"x\"}"),
                Arguments.of("backslashes before the key", "{\"input\":\"path C:\\\\\\\\\",«\"model\":\"gpt-4o\"»}"),
                Arguments.of(
                        "escaped name, white space",
                        "{ «\"model\" : \"gpt-\\u0034o\"», \"input\" : \"blåbær 日本 \\ud83d\\ude00 😀\" }"),
                Arguments.of(
                        "references",
                        "{«\"model\":\"gpt-5\"»,\"store\":true,\"conversation\":{\"id\":\"conv_fix\"},\"input\":[{\"type\":"
                                + "\"reasoning\",\"id\":\"rs_fix\",\"summary\":[],\"encrypted_content\":\"gAAA-fake\"},{\"role\":"
                                + "\"user\",\"content\":[{\"type\":\"input_file\",\"file_id\":\"file-fix\"}]}]}"),
                Arguments.of(
                        "keys that look alike",
                        "{\"models\":[\"a\"],\"model_\":\"b\",\"Models\":\"c\",«\"model\":\"gpt-4o\"»,\"input\":\"x\"}"),
                Arguments.of(
                        "first frame of a WebSocket",
                        "{\"type\":\"response.create\",«\"model\":\"gpt-4.1\"»,\"store\":false,\"input\":[{\"type\":\"message\","
                                + "\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"hi\"}]}],\"tools\":[]}"),
                Arguments.of("byte order mark", "\uFEFF{«\"model\":\"gpt-4o\"»}"));
    }

    /** @param marked the member that changes is between guillemets */
    @ParameterizedTest(name = "{0}")
    @MethodSource("bodies")
    void replacesTheNameAndNothingElse(String name, String marked) {
        String member = marked.substring(marked.indexOf('«') + 1, marked.indexOf('»'));
        String renamed = member.substring(0, member.lastIndexOf('"', member.length() - 2)) + "\"weu\"";
        String body = marked.replace("«", "").replace("»", "");
        String expected = marked.replace("«" + member + "»", renamed);

        assertRenamed(body, expected);
    }

    static Stream<Arguments> bodiesWithoutAModel() {
        return Stream.of(
                Arguments.of(
                        "{\"prompt\":{\"id\":\"pmpt_fix\"},\"previous_response_id\":\"resp_fix0012\",\"input\":\"x\"}",
                        "{\"model\":\"weu\",\"prompt\":{\"id\":\"pmpt_fix\"},\"previous_response_id\":\"resp_fix0012\",\"input\":\"x\"}"),
                Arguments.of("{}", "{\"model\":\"weu\"}"),
                Arguments.of(" { \n} ", " {\"model\":\"weu\" \n} "),
                Arguments.of("\uFEFF { \"a\":{}}", "\uFEFF {\"model\":\"weu\", \"a\":{}}"));
    }

    @ParameterizedTest
    @MethodSource("bodiesWithoutAModel")
    void insertsANameWhereThereIsNone(String body, String expected) {
        assertRenamed(body, expected);
    }

    private static void assertRenamed(String body, String expected) {
        byte[] bytes = Chunks.utf8(body);
        for (int size : SIZES) {
            RequestScanner scanner = scan(body, size);
            assertThat(scanner.state()).as("chunks of %d", size).isEqualTo(State.COMPLETE);
            for (int otherSize : SIZES) {
                SpanEdit edit = scanner.renameModel("weu");
                EditedBody edited = EditedBody.of(bytes, new int[] {otherSize}, edit);
                assertThat(edited.text()).as("chunks of %d", otherSize).isEqualTo(expected);
                assertThat(edit.delta()).isEqualTo(Chunks.utf8(expected).length - bytes.length);
                assertThat(edited.newBytes()).isLessThanOrEqualTo("\"model\":\"weu\",".length());
            }
        }
    }

    @Test
    void writesTheNewNameAsAJsonString() {
        RequestScanner scanner = scan("{\"model\":\"m\"}", 100);

        String renamed = EditedBody.of(
                        Chunks.utf8("{\"model\":\"m\"}"), new int[] {100}, scanner.renameModel("a\"\\日😀"))
                .text();

        assertThat(renamed).isEqualTo("{\"model\":\"a\\\"\\\\日😀\"}");
    }

    @Test
    void renamesBeforeTheBodyIsComplete() {
        RequestScanner scanner = scan("{\"model\":\"gpt-4o\",\"messages\":[", 3);

        assertThat(EditedBody.of(Chunks.utf8(MODEL_FIRST), new int[] {5}, scanner.renameModel("weu"))
                        .text())
                .isEqualTo(MODEL_FIRST.replace("gpt-4o", "weu"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"input\":\"x\"", "{\"model\":null}", "{\"model\":\"a\\nb\"}", "{} {}", "[]", ""})
    void refusesToRenameWithoutAPlaceForTheName(String body) {
        RequestScanner scanner = scan(body, 4);

        assertThatThrownBy(() -> scanner.renameModel("weu")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void detectsBodiesThatAreNotOneCompleteObject() {
        for (int size : SIZES) {
            assertThat(scan("", size).state()).isEqualTo(State.UNDECIDED);
            assertThat(scan("[]", size).state()).isEqualTo(State.NOT_AN_OBJECT);
            assertThat(scan("\"x\"", size).state()).isEqualTo(State.NOT_AN_OBJECT);
            assertThat(scan("[".repeat(100_000), size).state()).isEqualTo(State.NOT_AN_OBJECT);
            assertThat(scan("{\"a\":" + "[".repeat(100_000), size).state()).isEqualTo(State.TOO_DEEP);
            assertThat(scan(MODEL_FIRST + MODEL_FIRST, size).state()).isEqualTo(State.MALFORMED);
            assertThat(scan("\uFEFF" + MODEL_FIRST, size).state()).isEqualTo(State.COMPLETE);
            for (int length = 0; length < MODEL_FIRST.length(); length++) {
                assertThat(scan(MODEL_FIRST.substring(0, length), size).state()).isEqualTo(State.UNDECIDED);
            }
        }
    }

    static Stream<Arguments> references() {
        return Stream.of(
                Arguments.of(
                        "{\"previous_response_id\":\"resp_fix0012\",\"conversation\":\"conv_1\"}",
                        List.of("resp_fix0012", "conv_1")),
                Arguments.of(
                        "{\"conversation\":{\"meta\":{\"id\":\"no\"},\"id\":\"conv_fix\"},\"input\":[{\"id\":\"rs_fix\",\"x\":1},"
                                + "{\"id\":\"msg_1\"},{\"content\":[{\"file_id\":\"file-fix\"},{\"file_id\":null}]}]}",
                        List.of("conv_fix", "rs_fix", "file-fix")),
                Arguments.of(
                        "{\"tools\":[{\"vector_store_ids\":[\"vs_1\",[\"no\"],{\"a\":\"no\"},7,\"vs_2\"],\"x\":\"no\"},"
                                + "{\"container\":{\"type\":\"auto\",\"file_ids\":[\"file-1\"]}},{\"container\":\"cntr_1\"}]}",
                        List.of("vs_1", "vs_2", "file-1", "cntr_1")),
                Arguments.of(
                        "{\"input_file_id\":\"file-a\",\"training_file\":\"file-b\",\"validation_file\":\"file-c\","
                                + "\"batch_id\":\"batch_d\",\"container_id\":\"e\",\"vector_store_id\":\"f\",\"response_id\":\"g\"}",
                        List.of("file-a", "file-b", "file-c", "batch_d", "e", "f", "g")),
                Arguments.of(
                        "{\"conversation\":{\"id\":\"conv_1\"},\"a\":{\"id\":\"no\"},\"file_ids\":[\"f\"],\"b\":[[],\"no\"]}",
                        List.of("conv_1", "f")),
                Arguments.of("{\"file_ids\":[\"a\",\"b\",\"a\"],\"file_id\":\"b\"}", List.of("a", "b")),
                Arguments.of("{\"file_ids\":[\"" + "x".repeat(129) + "\",\"\",\"a b\",\"å\",\"ok\"]}", List.of("ok")),
                Arguments.of("{\"f\\u0069le_id\":\"file\\u002d1\"}", List.of("file-1")),
                Arguments.of("{\"id\":\"call_1\",\"ids\":\"rs_1\",\"text\":\"file_id\"}", List.of()));
    }

    @ParameterizedTest
    @MethodSource("references")
    void findsTheReferencedIds(String body, List<String> references) {
        for (int size : SIZES) {
            assertThat(scan(body, size).referencedIds())
                    .as("chunks of %d", size)
                    .isEqualTo(references);
        }
    }

    @Test
    void keepsAtMostTheAllowedReferences() {
        StringBuilder body = new StringBuilder("{\"file_ids\":[\"file-0\"");
        for (int i = 1; i < 10 * RequestScanner.MAX_REFERENCES; i++) {
            body.append(",\"file-").append(i).append('"');
        }

        assertThat(scan(body.append("]}").toString(), 1000).referencedIds())
                .hasSize(RequestScanner.MAX_REFERENCES)
                .startsWith("file-0", "file-1");
    }

    private static RequestScanner scan(String body, int size) {
        RequestScanner scanner = new RequestScanner();
        Chunks.feed(Chunks.utf8(body), new int[] {size}, scanner::scan);
        return scanner;
    }
}
