package io.crowfly.balancer.content.response;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.content.json.Chunks;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseScannerTest {

    private static final int[] SIZES = {1, 2, 3, 7, Integer.MAX_VALUE};

    static Stream<Arguments> ids() {
        return Stream.of(
                Arguments.of(
                        "{\"id\":\"resp_1\",\"conversation\":{\"id\":\"conv_1\"},\"output\":[{\"id\":\"rs_1\",\"type\":\"reasoning\"},"
                                + "{\"id\":\"msg_1\"},{\"id\":\"ci_1\",\"container_id\":\"cntr_1\"}]}",
                        List.of("resp_1", "conv_1", "rs_1", "cntr_1")),
                Arguments.of(
                        "{\"object\":\"list\",\"data\":[{\"id\":\"file-1\",\"x\":{\"id\":\"no\"}},{\"id\":\"file-2\"}],\"x\":[{\"id\":\"no\"}]}",
                        List.of("file-1", "file-2")),
                Arguments.of("{\"data\":{\"a\":{\"id\":\"no\"}},\"id\":7}", List.of()),
                Arguments.of(
                        "{\"id\":\"batch_1\",\"output_file_id\":\"file-3\",\"error_file_id\":null}",
                        List.of("batch_1", "file-3")),
                Arguments.of("[{\"id\":\"no\"}]", List.of()));
    }

    @ParameterizedTest
    @MethodSource("ids")
    void findsTheIdsOfStoredState(String response, List<String> ids) {
        for (int size : SIZES) {
            assertThat(scan(response, size).ids()).as("chunks of %d", size).isEqualTo(ids);
        }
    }

    @Test
    void keepsAPageOfIds() {
        String listed = "{\"id\":\"file-%d\"},";
        StringBuilder response = new StringBuilder("{\"data\":[");
        for (int i = 0; i < 500; i++) {
            response.append(listed.formatted(i));
        }

        assertThat(scan(response.toString(), 50).ids()).hasSize(ResponseScanner.MAX_IDS);
    }

    static Stream<Arguments> usages() {
        return Stream.of(
                Arguments.of(
                        "{\"choices\":[{\"message\":{\"content\":\"x\"},\"usage\":{\"prompt_tokens\":99}}],\"usage\":"
                                + "{\"completion_tokens\":8,\"completion_tokens_details\":{\"prompt_tokens\":77},\"prompt_tokens\":14,"
                                + "\"total_tokens\":22}}",
                        new Usage(14, 8)),
                Arguments.of("{\"usage\" : {\"input_tokens\" : 9 , \"output_tokens\" : 2}}", new Usage(9, 2)),
                Arguments.of("{\"usage\":{\"prompt_tokens\":5,\"total_tokens\":5}}", new Usage(5, 0)),
                Arguments.of(
                        "{\"usage\":{\"input_tokens\":123456789012345678,\"output_tokens\":0}}",
                        new Usage(123456789012345678L, 0)));
    }

    @ParameterizedTest
    @MethodSource("usages")
    void readsTheUsageOfAResponse(String response, Usage usage) {
        for (int size : SIZES) {
            assertThat(scan(response, size).usage()).as("chunks of %d", size).contains(usage);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "",
                "<html>",
                "{\"usage\":null,\"prompt_tokens\":5}",
                "{\"usage\":{\"type\":\"duration\",\"seconds\":3}}",
                "{\"usage\":{\"prompt_tokens\":\"5\",\"output_tokens\":null}}",
                "{\"usage\":{\"prompt_tokens\":1.5,\"output_tokens\":-1,\"input_tokens\":1e3}}",
                "{\"usage\":{\"prompt_tokens\":1234567890123456789}}",
                "{\"usage\":[{\"prompt_tokens\":5}]}",
                "{\"usage\":{\"x\":{\"prompt_tokens\":5}},\"a\":{\"prompt_tokens\":5}}",
                "{\"a\":{\"usage\":{\"prompt_tokens\":5}}}"
            })
    void readsNoUsageWhereNoneIsGiven(String response) {
        for (int size : SIZES) {
            assertThat(scan(response, size).usage()).as("chunks of %d", size).isEmpty();
        }
    }

    private static ResponseScanner scan(String response, int size) {
        ResponseScanner scanner = new ResponseScanner();
        Chunks.feed(Chunks.utf8(response), new int[] {size}, scanner::scan);
        return scanner;
    }
}
