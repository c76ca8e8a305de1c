package io.crowfly.balancer.content.response;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.content.json.Chunks;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of the usage and the ids in a stream, before and after the point from which events are only counted. */
class EventUsageTest {

    private static final int[] SIZES = {1, 2, 3, 7, 1500, Integer.MAX_VALUE};

    private static final String AZURE_WORD =
            "data: {\"choices\":[{\"delta\":{\"content\":\"Blåbær\"},\"index\":0}],\"id\":\"chatcmpl-1\",\"usage\":null}\n\n";
    private static final String AZURE_USAGE =
            "data: {\"choices\":[],\"id\":\"chatcmpl-1\",\"usage\":{\"completion_tokens\":6,\"prompt_tokens\":11,\"total_tokens\":17,"
                    + "\"prompt_tokens_details\":{\"cached_tokens\":0}}}\n\n";
    private static final String GOOGLE_WORD =
            "data: {\"choices\":[{\"delta\":{\"content\":\"Oslo\"}}],\"id\":\"fix\"}\n\n";
    private static final String GOOGLE_USAGE =
            "data: {\"choices\":[{\"delta\":{\"content\":\"\"}}],\"usage\":{\"completion_tokens\":6,\"prompt_tokens\":11},\"id\":\"fix\"}\n\n";
    private static final String SPACED_WORD =
            "data: {\"choices\": [{\"delta\": {\"content\": \"a\"}}], \"usage\": null, \"p\": \"\"}\n\n";
    private static final String SPACED_USAGE =
            "data: {\"choices\": [],\ndata: \"usage\" : { \"completion_tokens\" : 6 , \"prompt_tokens\" : 11 } }\n\n";
    private static final String RUNNING_WORD =
            "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":3}}\n\n";
    private static final String RUNNING_USAGE =
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":6}}\n\n";
    private static final String DELTA =
            "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"Hei\"}\n\n";
    private static final String COMPLETED = response(
            "response.completed",
            "\"response\":{\"id\":\"resp_1\",\"output\":[{\"id\":\"rs_2\"},{\"id\":\"msg_1\",\"content\":[{\"text\":\"Hei\"}]}],"
                    + "\"usage\":{\"input_tokens\":11,\"output_tokens\":6,\"total_tokens\":17}}");
    private static final String DONE = "data: [DONE]\n\n";

    private static String response(String type, String more) {
        return "event: " + type + "\ndata: {\"type\":\"" + type + "\",\"sequence_number\":1," + more + "}\n\n";
    }

    static Stream<Arguments> streams() {
        return Stream.of(
                Arguments.of("Azure", AZURE_WORD, AZURE_USAGE + DONE),
                Arguments.of("Google", GOOGLE_WORD, GOOGLE_USAGE + DONE),
                Arguments.of("white space", SPACED_WORD, SPACED_USAGE + DONE),
                Arguments.of("in every event", RUNNING_WORD, RUNNING_USAGE + DONE),
                Arguments.of("Responses", DELTA, COMPLETED),
                Arguments.of("Responses without event lines", DELTA, COMPLETED.replaceFirst("event.*\n", "")),
                Arguments.of("incomplete", DELTA, COMPLETED.replace(".completed", ".incomplete")),
                Arguments.of("failed", DELTA, COMPLETED.replace(".completed", ".failed")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("streams")
    void readsTheUsageOfShortAndLongStreamsHoweverTheyAreCut(String name, String word, String end) {
        for (String lineEnd : new String[] {"\n", "\r\n", "\r"}) {
            for (int words : new int[] {0, 1, 31, 32, 200}) {
                String stream = (word.repeat(words) + end).replace("\n", lineEnd);
                for (int size : SIZES) {
                    assertThat(scan(stream, size).usage())
                            .as("%d words, chunks of %d", words, size)
                            .contains(new Usage(11, 6));
                }
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("streams")
    void readsTheUsageOfALongStreamWhereverItIsCutInTwo(String name, String word, String end) {
        byte[] start = Chunks.utf8(word.repeat(40));
        byte[] last = Chunks.utf8(end);
        IntStream.range(1, last.length).forEach(cut -> {
            EventScanner scanner = new EventScanner();
            Chunks.feed(start, new int[] {start.length}, scanner::scan);
            Chunks.feed(last, new int[] {cut, last.length}, scanner::scan);
            assertThat(scanner.usage()).as("cut at %d", cut).contains(new Usage(11, 6));
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {\"choices\":[{\"delta\":{\"content\":\"\\\"usage\\\":{\\\"prompt_tokens\\\":5}\"}}]}\n\n",
                "data: {\"choices\":[{\"delta\":{\"content\":\"usage\"}}],\"prompt_tokens\":5}\n\n",
                "data: {\"choices\":[{\"delta\":{\"content\":[\"usage\",{\"prompt_tokens\":5}]}}]}\n\n",
                "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"usage\":[{\"prompt_tokens\":5}]}\n\n",
                "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"my usage\":{\"prompt_tokens\":5}}\n\n",
                ": \"usage\":{\"prompt_tokens\":5}}\n\n",
                "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"usage\"\n\ndata: :{\"prompt_tokens\":5}}\n\n"
            })
    void readsNoUsageWhereNoneIsGiven(String event) {
        for (int size : SIZES) {
            assertThat(scan(event, size).usage()).isEmpty();
            assertThat(scan(GOOGLE_WORD.repeat(40) + event, size).usage())
                    .as("chunks of %d", size)
                    .isEmpty();
        }
    }

    @Test
    void readsTheUsageAfterATextThatEqualsItsKey() {
        String word = GOOGLE_WORD.replace("Oslo", "usage");
        String last = AZURE_USAGE.replace("[]", "[{\"delta\":{\"content\":\"usage\"}}]");

        assertThat(scan(word.repeat(40) + last, 7).usage()).contains(new Usage(11, 6));
    }

    @Test
    void findsTheIdsOfStoredState() {
        String stream =
                response("response.created", "\"response\":{\"id\":\"resp_1\",\"conversation\":{\"id\":\"conv_1\"}}")
                        + response("response.output_item.added", "\"item\":{\"id\":\"rs_1\",\"type\":\"reasoning\"}")
                        + response("response.output_item.added", "\"item\":{\"id\":\"msg_1\",\"type\":\"message\"}")
                        + DELTA.repeat(100)
                        + response("response.output_item.added", "\"item\":{\"id\":\"rs_3\",\"type\":\"reasoning\"}");
        for (int size : SIZES) {
            assertThat(scan(stream, size).ids())
                    .as("chunks of %d", size)
                    .isEqualTo(List.of("resp_1", "conv_1", "rs_1", "rs_3"));
            assertThat(scan(stream + COMPLETED, size).ids())
                    .isEqualTo(List.of("resp_1", "conv_1", "rs_1", "rs_3", "rs_2"));
            assertThat(scan(AZURE_WORD.repeat(100), size).ids()).isEqualTo(List.of("chatcmpl-1"));
        }
    }

    @Test
    void countsTheEventsThatAreStillParsed() {
        EventScanner scanner = scan(AZURE_WORD.repeat(100) + AZURE_USAGE + DONE, 100);

        assertThat(scanner.tokens()).isEqualTo(101);
        assertThat(scanner.done()).isTrue();
        assertThat(scanner.errorEvent()).isFalse();
        String item = response("response.output_item.added", "\"item\":{\"id\":\"rs_3\"}");
        assertThat(scan(DELTA.repeat(100) + item, 100).done()).isFalse();
    }

    private static EventScanner scan(String stream, int size) {
        EventScanner scanner = new EventScanner();
        Chunks.feed(Chunks.utf8(stream), new int[] {size}, scanner::scan);
        return scanner;
    }
}
