package io.crowfly.balancer.content.response;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.content.json.Chunks;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which event of a stream is its first token, and what an error before the first token says. */
class FirstTokenTest {

    private static final List<String> LINE_ENDS = List.of("\n", "\r\n", "\r");

    private static EventScanner scan(String stream) {
        EventScanner scanner = new EventScanner();
        Chunks.feed(Chunks.utf8(stream), new int[] {7}, scanner::scan);
        return scanner;
    }

    private static String event(String data) {
        return "data: " + data + "\n\n";
    }

    private static String typed(String type, String more) {
        return "event: " + type + "\ndata: {\"type\":\"" + type + "\",\"sequence_number\":3" + more + "}\n\n";
    }

    private static String delta(String delta) {
        return event("{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":null}]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"content\":\"Hei\"}",
                "{\"role\":\"assistant\",\"content\":\"Hei\"}",
                "{\"reasoning_content\":\"Hm\"}",
                "{\"content\":null,\"reasoning\":\"Hm\"}",
                "{\"content\":null,\"refusal\":\"I can't\"}",
                "{\"audio\":{\"id\":\"audio_1\"}}",
                "{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}",
                "{\"function_call\":{\"name\":\"f\",\"arguments\":\"\"}}",
                "{\"content\":[{\"type\":\"text\",\"text\":\"Hei\"}]}",
                "{\"role\":\"assistant\",\"cont\\u0065nt\":\"a\"}"
            })
    void aDeltaWithContentIsContent(String delta) {
        assertThat(scan(delta(delta)).firstTokenSeen()).isTrue();
        assertThat(scan(delta(delta)).tokens()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "null",
                "{\"role\":\"assistant\"}",
                "{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null,\"reasoning\":\"\"}",
                "{\"content\":null,\"tool_calls\":[],\"function_call\":{},\"audio\":{}}",
                "{\"role\":\"content\"}",
                "[{\"content\":\"x\"}]"
            })
    void aDeltaWithoutContentIsNot(String delta) {
        assertThat(scan(delta(delta)).firstTokenSeen()).isFalse();
    }

    @Test
    void aCompletionsTextIsContentUnlessItIsEmpty() {
        assertThat(scan(event("{\"choices\":[{\"index\":0,\"text\":\"Hei\"}]}")).firstTokenSeen())
                .isTrue();
        assertThat(scan(event("{\"choices\":[{\"index\":0,\"text\":\"\",\"finish_reason\":null}]}"))
                        .firstTokenSeen())
                .isFalse();
    }

    @Test
    void aFinishReasonIsContentBecauseAnEmptyCompletionIsACompletion() {
        EventScanner scanner =
                scan(event("{\"choices\":[{\"delta\":{},\"finish_reason\":\"content_filter\",\"index\":0}]}"));
        assertThat(scanner.firstTokenSeen()).isTrue();
        assertThat(scanner.tokens()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "response.output_text.delta",
                "response.reasoning_text.delta",
                "response.function_call_arguments.delta",
                "response.audio.delta",
                "response.output_text.done",
                "response.output_item.done",
                "response.completed",
                "response.incomplete",
                "response.web_search_call.in_progress",
                "response.an_event_of_next_year",
                "transcript.text.delta",
                "message_start",
                "chat.completion.errors"
            })
    void anEventOfAnotherTypeIsContent(String type) {
        assertThat(scan(typed(type, ",\"delta\":\"x\"")).firstTokenSeen()).isTrue();
    }

    @Test
    void anEventWithATypeOfAnyLengthIsContent() {
        assertThat(scan(typed("response." + "x".repeat(1000), "")).firstTokenSeen())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "response.created",
                "response.queued",
                "response.in_progress",
                "response.output_item.added",
                "response.content_part.added",
                "keepalive",
                "ping"
            })
    void anEventThatOnlyPreparesIsNot(String type) {
        EventScanner scanner = scan(typed(
                type,
                ",\"item\":{\"type\":\"message\",\"content\":[]},\"response\":{\"error\":null,\"status\":\"queued\"}"));
        assertThat(scanner.firstTokenSeen()).isFalse();
        assertThat(scanner.errorEvent()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"text\":\"x\"}", "{\"generated\":[]}", "hello", "42", "[1]", "{\"choices\":[{\"del"})
    void dataOfAnUnknownKindIsContent(String data) {
        assertThat(scan(event(data)).firstTokenSeen()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n\n\n",
                ": OPENROUTER PROCESSING\n\n",
                ":\n: ping\n\n",
                "data:\n\n",
                "data: \n\n",
                "data\n\n",
                "data: {}\n\n",
                "event: ping\n\n",
                "event: ping\ndata: {\"time\":5}\n\n",
                "id: 7\nretry: 1000\n\n",
                "data: [DONE]\n\n",
                "data: {\"choices\":[],\"prompt_filter_results\":[{\"content_filter_results\":{\"hate\":{}}}]}\n\n",
                "data: {\"choices\":[],\"usage\":{\"completion_tokens\":6}}\n\n",
                "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n"
            })
    void nothingElseIsContent(String stream) {
        EventScanner scanner = scan(stream);
        assertThat(scanner.firstTokenSeen()).isFalse();
        assertThat(scanner.errorBeforeToken()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"error\":{\"message\":\"no\",\"type\":\"server_error\",\"code\":null}} | '' | '' | server_error",
                "{\"error\":{\"code\":429,\"message\":\"no\",\"status\":\"RESOURCE_EXHAUSTED\"}}"
                        + " | RESOURCE_EXHAUSTED | 429 | ''",
                "{\"error\":\"overloaded\"} | '' | overloaded | ''",
                "{\"error\":true} | '' | '' | ''",
                "{\"error\":{\"innererror\":{\"code\":\"x\"},\"code\":\"content_filter\"}} | '' | content_filter | ''",
                "{\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"error\":{\"type\":\"tokens\"}}"
                        + " | '' | rate_limit_exceeded | tokens",
                "{\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"server_error\","
                        + "\"message\":\"no\"}}} | '' | server_error | ''",
                "{\"type\":\"server_error\",\"message\":\"no\"} | '' | '' | server_error",
                "{\"object\":\"error\",\"type\":\"BadRequestError\",\"code\":400} | '' | 400 | BadRequestError",
            })
    void anErrorIsNotContentAndItsMembersAreRead(String data, String status, String code, String type) {
        EventScanner scanner = scan(event(data));
        assertThat(scanner.firstTokenSeen()).isFalse();
        assertThat(scanner.errorBeforeToken()).isEqualTo(new ReportedError(status, code, type));
    }

    @Test
    void anEventNamedErrorIsAnErrorWhateverItsData() {
        assertThat(scan("event: error\ndata: oh no\n\n").errorBeforeToken()).isEqualTo(ReportedError.UNSPECIFIED);
        assertThat(scan("event: error\ndata: {\"message\":\"x\",\"code\":\"slow_down\"}\n\n")
                        .errorBeforeToken())
                .isEqualTo(new ReportedError("", "slow_down", ""));
    }

    @Test
    void anErrorAfterTheFirstTokenIsNotReportedAsOneBeforeIt() {
        EventScanner scanner = scan(delta("{\"content\":\"Hei\"}") + event("{\"error\":{\"code\":500}}"));
        assertThat(scanner.errorEvent()).isTrue();
        assertThat(scanner.errorBeforeToken()).isNull();
    }

    @Test
    void theErrorIsThatOfTheEventThatReportsIt() {
        EventScanner scanner = scan(event("{\"code\":\"x\",\"choices\":[]}")
                + event("{\"error\":{\"type\":\"overloaded_error\"}}")
                + event("{\"error\":{\"code\":400}}"));
        assertThat(scanner.errorBeforeToken()).isEqualTo(new ReportedError("", "", "overloaded_error"));
    }

    @Test
    void aLastEventWithoutItsBlankLineCountsAtTheEndIfItIsComplete() {
        for (String lineEnd : new String[] {"", "\n", "\r\n"}) {
            EventScanner content =
                    scan("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hei\"}}]}" + lineEnd);
            assertThat(content.firstTokenSeen()).isFalse();
            content.end();
            assertThat(content.firstTokenSeen()).isTrue();
            EventScanner error = scan("data: {\"error\":{\"code\":503}}" + lineEnd);
            error.end();
            assertThat(error.errorBeforeToken()).isEqualTo(new ReportedError("", "503", ""));
        }
        EventScanner cut = scan("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hei\"}");
        cut.end();
        assertThat(cut.firstTokenSeen()).isFalse();
        EventScanner done = scan("data: [DONE]");
        done.end();
        assertThat(done.firstTokenSeen()).isFalse();
        assertThat(done.done()).isTrue();
    }

    @Test
    void findsTheSameEventHoweverTheStreamIsCut() {
        String before = ": ok\n\n" + delta("{\"role\":\"assistant\",\"content\":\"\"}")
                + typed("response.created", ",\"response\":{\"metadata\":{\"navn\":\"Blåbærgrøt 🫐\"}}");
        String token = delta("{\"content\":\"å\"}");
        Random random = new Random(20);
        for (int round = 0; round < 2000; round++) {
            String lineEnd = LINE_ENDS.get(round % LINE_ENDS.size());
            byte[] beginning = Chunks.utf8(before.replace("\n", lineEnd));
            byte[] tokenEvent = Chunks.utf8(token.replace("\n", lineEnd));
            int[] sizes = random.ints(8, 1, 40).toArray();
            EventScanner scanner = new EventScanner();
            Chunks.feed(beginning, sizes, scanner::scan);
            assertThat(scanner.firstTokenSeen()).isFalse();
            Chunks.feed(tokenEvent, sizes, scanner::scan);
            assertThat(scanner.firstTokenSeen()).as("round %d", round).isTrue();
        }
    }

    @Test
    void anEventOf100MegabytesCostsNoMemoryAndCountsWhenItIsComplete() {
        EventScanner scanner = scan("data: {\"choices\":[{\"delta\":{\"content\":\"");
        byte[] megabyte = "x".repeat(1 << 20).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        for (int i = 0; i < 100; i++) {
            Chunks.feed(megabyte, new int[] {megabyte.length}, scanner::scan);
        }
        assertThat(scanner.firstTokenSeen()).isFalse();
        Chunks.feed(Chunks.utf8("\"}}]}\n\n"), new int[] {3}, scanner::scan);
        assertThat(scanner.firstTokenSeen()).isTrue();
    }

    @Test
    void compressedBytesNeverFail() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            for (int i = 0; i < 1000; i++) {
                gzip.write(Chunks.utf8(delta("{\"content\":\"word " + i * 31 % 997 + "\"}")));
            }
        }
        EventScanner scanner = new EventScanner();
        Chunks.feed(bytes.toByteArray(), new int[] {13, 1}, scanner::scan);
        scanner.end();
        assertThat(scanner.errorBeforeToken()).isNull();
    }
}
