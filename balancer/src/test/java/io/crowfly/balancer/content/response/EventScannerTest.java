package io.crowfly.balancer.content.response;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.content.json.Chunks;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventScannerTest {

    private static final String CHAT = "\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"usage\":null";

    private static final String PROMPT_FILTER =
            "data: {\"choices\":[],\"created\":0,\"id\":\"\",\"model\":\"\",\"prompt_filter_results\":"
                    + "[{\"prompt_index\":0,\"content_filter_results\":{\"hate\":{\"filtered\":false,\"severity\":\"safe\"}}}]}\n\n";
    private static final String ROLE =
            "data: {\"choices\":[{\"content_filter_results\":{},\"delta\":{\"content\":\"\",\"refusal\":null,"
                    + "\"role\":\"assistant\"},\"finish_reason\":null,\"index\":0,\"logprobs\":null}]," + CHAT
                    + "}\n\n";
    private static final String WORD = chat("{\"content\":\"Blåbær\"}");
    private static final String FINISH =
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\",\"index\":0}]," + CHAT + "}\n\n";
    private static final String USAGE = "data: {\"choices\":[]," + CHAT + ",\"usage\":{\"completion_tokens\":6}}\n\n";
    private static final String ANNOTATION =
            "data: {\"id\":\"\",\"choices\":[{\"index\":0,\"finish_reason\":null,\"content_filter_results\":"
                    + "{\"hate\":{\"filtered\":false}},\"content_filter_offsets\":{\"check_offset\":44}}],\"usage\":null}\n\n";
    private static final String ERROR =
            "data: {\"error\":{\"message\":\"Upstream stream ended unexpectedly.\",\"type\":\"upstream_error\"}}\n\n";
    private static final String DONE = "data: [DONE]\n\n";

    private static final String CREATED =
            response("response.created", "\"response\":{\"id\":\"resp_1\",\"output\":[],\"error\":null}");
    private static final String ITEM_ADDED =
            response("response.output_item.added", "\"item\":{\"type\":\"message\",\"content\":[]}");
    private static final String TEXT_DELTA = response("response.output_text.delta", "\"delta\":\"Hei\"");
    private static final String TEXT_DONE = response("response.output_text.done", "\"text\":\"Hei\"");
    private static final String COMPLETED = response(
            "response.completed",
            "\"response\":{\"output\":[{\"content\":[{\"type\":\"output_text\",\"text\":\"Hei\"}]}]}");

    private static String chat(String delta) {
        return "data: {\"choices\":[{\"index\":0,\"delta\":" + delta + "}]," + CHAT + "}\n\n";
    }

    private static String response(String type, String more) {
        return "event: " + type + "\ndata: {\"type\":\"" + type + "\",\"sequence_number\":1," + more + "}\n\n";
    }

    /**
     * Streams as providers send them, and the number of the event that shows the first token, an error and the end; 0
     * for never.
     */
    static Stream<Arguments> streams() {
        return Stream.of(
                Arguments.of("Azure chat", List.of(PROMPT_FILTER, ROLE, WORD, WORD, FINISH, USAGE, DONE), 3, 0, 7),
                Arguments.of("Azure empty completion", List.of(PROMPT_FILTER, ROLE, FINISH, USAGE, DONE), 3, 0, 5),
                Arguments.of("Azure annotations only", List.of(ANNOTATION, ANNOTATION, DONE), 0, 0, 3),
                Arguments.of(
                        "Google chat",
                        List.of(chat("{\"content\":\"Oslo is\",\"role\":\"assistant\"}"), ROLE, DONE),
                        1,
                        0,
                        3),
                Arguments.of("Responses", List.of(CREATED, ITEM_ADDED, TEXT_DELTA, TEXT_DONE, COMPLETED), 3, 0, 5),
                Arguments.of("ends with an error", List.of(ROLE, WORD, ERROR), 2, 3, 0),
                Arguments.of(
                        "comments between", List.of(": OPENROUTER PROCESSING\n\n", ": ping\n", WORD, DONE), 3, 0, 4));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("streams")
    void detectsTokenErrorAndEndAtTheRightEvent(String name, List<String> events, int token, int error, int done) {
        for (String lineEnd : new String[] {"\n", "\r\n", "\r"}) {
            for (int size : new int[] {1, 2, 3, 7, Integer.MAX_VALUE}) {
                EventScanner scanner = new EventScanner();
                for (int event = 1; event <= events.size(); event++) {
                    feed(scanner, events.get(event - 1).replace("\n", lineEnd), size);

                    String at = name + ", event " + event + ", chunks of " + size;
                    assertThat(scanner.firstTokenSeen()).as(at).isEqualTo(token > 0 && event >= token);
                    assertThat(scanner.errorEvent()).as(at).isEqualTo(error > 0 && event >= error);
                    assertThat(scanner.done()).as(at).isEqualTo(done > 0 && event >= done);
                }
            }
        }
    }

    @Test
    void findsTheTokenWhereverTheStreamIsCutInTwo() {
        byte[] stream = Chunks.utf8(PROMPT_FILTER + WORD.replace("\n", "\r\n"));

        IntStream.range(1, stream.length).forEach(cut -> {
            EventScanner scanner = new EventScanner();
            Chunks.feed(Arrays.copyOf(stream, cut), new int[] {cut}, scanner::scan);
            Chunks.feed(Arrays.copyOfRange(stream, cut, stream.length), new int[] {stream.length}, scanner::scan);
            assertThat(scanner.firstTokenSeen()).as("cut at %d", cut).isTrue();
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"reasoning_content\":\"Hm\"}",
                "{\"content\":null,\"reasoning_content\":\"Hm\"}",
                "{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}",
                "{\"content\":\"\\u0020\"}",
                "{\"role\":\"assistant\",\"cont\\u0065nt\":\"a\"}",
                "{\"content\":[{\"type\":\"text\"}]}"
            })
    void recognisesEveryFormOfAToken(String delta) {
        assertThat(scan(chat(delta)).firstTokenSeen()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "null",
                "{\"content\":null}",
                "{\"content\":\"\",\"tool_calls\":[],\"reasoning_content\":\"\"}",
                "{\"tool_calls\":{}}",
                "{\"role\":\"content\"}",
                "[{\"content\":\"x\"}]"
            })
    void recognisesNothingElseAsAToken(String delta) {
        assertThat(scan(chat(delta)).firstTokenSeen()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {\"choices\":{\"a\":{\"delta\":\"x\"}},\"b\":[{\"delta\":{\"content\":\"x\"}}]}\n\n",
                "data: {\"choices\":[[{\"delta\":{\"content\":\"x\"}}]]}\n\n",
                "data: {\"choices\":[{\"message\":{\"content\":\"x\"},\"delta\":{}}]}\n\n",
                "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}",
                "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n",
                ": {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n",
                "dat: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n",
                "data {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n",
                "event: response.output_text.delta\n\n",
            })
    void findsATokenOnlyInItsPlace(String stream) {
        EventScanner scanner = scan(stream);

        assertThat(scanner.firstTokenSeen()).isFalse();
        assertThat(scanner.errorEvent()).isFalse();
        assertThat(scanner.done()).isFalse();
    }

    @Test
    void readsTheEventAfterAMalformedOne() {
        assertThat(scan("data: {\"choices\":[{\"delta\":{\"content\":\"x\n\n" + WORD)
                        .firstTokenSeen())
                .isTrue();
    }

    @Test
    void joinsTheLinesOfOneEvent() {
        assertThat(scan("data:{\"choices\":[{\"delta\":\ndata\ndata: {\"content\":\nid: 7\ndata:\"x\"}}]}\n\n")
                        .firstTokenSeen())
                .isTrue();
        assertThat(scan("data: {\"error\":1\ndata: 2}\n\n").errorEvent()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {\"error\":{}}\n\n",
                "data: {\"error\":\"overloaded\"}\n\n",
                "data: {\"choices\":[],\"error\":true}\n\n",
                "event: error\ndata: {\"message\":\"x\"}\n\n",
                "event: error\ndata: {\"type\":\"error\",\"code\":\"x\"}\n\n",
                "data: {\"type\":\"error\"}\n\n",
                "data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"server_error\"}}}\n\n"
            })
    void seesAnErrorInEveryForm(String stream) {
        assertThat(scan(stream).errorEvent()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {\"error\":null}\n\n",
                "data: {\"error\":false}\n\n",
                "data: {\"error\":\"\"}\n\n",
                "data: {\"response\":{\"error\":{}}}\n\n",
                "event: errors\ndata: {}\n\n",
                "event: error\nevent: response.created\ndata: {}\n\n",
                "error: error\ndata: {}\n\n"
            })
    void seesNoErrorWhereThereIsNone(String stream) {
        assertThat(scan(stream).errorEvent()).isFalse();
    }

    @Test
    void isDoneWithoutTheBlankLineAfterTheMark() {
        assertThat(scan(WORD + "data: [DONE]").done()).isTrue();
        assertThat(scan(WORD + "data:[DONE]\r\n").done()).isTrue();
        assertThat(scan(WORD + "data: [DONE").done()).isFalse();
        assertThat(scan(WORD + "event: [DONE]\n\n").done()).isFalse();
        assertThat(scan("data: {\"type\":\"response.incomplete\"}\n\n").done()).isTrue();
    }

    private static EventScanner scan(String stream) {
        EventScanner scanner = new EventScanner();
        feed(scanner, stream, 5);
        return scanner;
    }

    @Test
    void countsTheTokensOfAShortStreamAndNothingElse() {
        EventScanner scanner = scan(PROMPT_FILTER + ROLE + WORD.repeat(14) + ANNOTATION + FINISH + USAGE + DONE);
        assertThat(scanner.tokens()).isEqualTo(14);
        assertThat(scan("data: {\"choices\":[{\"index\":0,\"text\":\"Hei\"}]}\n\n")
                        .tokens())
                .isEqualTo(1);
    }

    @Test
    void countsTheEventsOfALongStreamHoweverItIsCut() {
        String stream = PROMPT_FILTER + ROLE + WORD.repeat(1000) + FINISH + USAGE;
        for (int size : new int[] {1, 7, 100, 1500, stream.length()}) {
            EventScanner scanner = new EventScanner();
            feed(scanner, stream, size);
            // By then, FINISH and USAGE are not distinguished from tokens.
            assertThat(scanner.tokens()).as("in pieces of %d", size).isEqualTo(1002);
            assertThat(scanner.done()).isFalse();
            feed(scanner, DONE, size);
            assertThat(scanner.tokens()).isEqualTo(1002);
            assertThat(scanner.done()).isTrue();
            assertThat(scanner.errorEvent()).isFalse();
        }
    }

    @Test
    void seesAnErrorLateInALongStreamHoweverItIsCut() {
        String stream = ROLE + WORD.repeat(100) + ERROR;
        for (int size : new int[] {1, 3, 100, stream.length()}) {
            EventScanner scanner = new EventScanner();
            feed(scanner, stream, size);
            assertThat(scanner.errorEvent()).as("in pieces of %d", size).isTrue();
            assertThat(scanner.tokens()).isEqualTo(100);
        }
        assertThat(scan(WORD.repeat(100) + "data: {\"error\":null}\n\n").errorEvent())
                .isFalse();
        assertThat(scan(WORD.repeat(100) + chat("{\"content\":\"{\\\"error\\\":{}}\"}"))
                        .errorEvent())
                .isFalse();
    }

    @Test
    void detectsTheEndOfALongResponsesStream() {
        String stream = CREATED + ITEM_ADDED + TEXT_DELTA.repeat(1000) + TEXT_DONE;
        assertThat(scan(stream).done()).isFalse();
        assertThat(scan(stream + COMPLETED).done()).isTrue();
        assertThat(scan(stream + COMPLETED).errorEvent()).isFalse();
        assertThat(scan(stream + response("response.failed", "\"response\":{}")).errorEvent())
                .isTrue();
        assertThat(scan(stream + response("error", "\"message\":\"no\"")).errorEvent())
                .isTrue();
    }

    private static void feed(EventScanner scanner, String text, int size) {
        Chunks.feed(Chunks.utf8(text), new int[] {size}, scanner::scan);
    }
}
