package io.crowfly.balancer.content.response;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.content.json.Chunks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventBoundaryTest {

    private static final String STREAM = ": hello\n"
            + "data: {\"choices\":[]}\n\n"
            + ": OPENROUTER PROCESSING\n\n"
            + "event: response.created\nid: 7\ndata: {\"type\":\"response.created\"}\n\n"
            + "\n"
            + "retry\n: ping\ndata:\n\n"
            + "data: [DONE]\n\n";

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void aBoundaryIsAfterEachEventAndEachCommentAndNowhereElse(String lineEnd) {
        EventScanner scanner = new EventScanner();
        assertThat(scanner.atEventBoundary()).isTrue();
        boolean started = false;
        int lines = 0;
        for (String line : STREAM.split("\n", -1)) {
            for (byte b : Chunks.utf8(line)) {
                feed(scanner, b);
                assertThat(scanner.atEventBoundary()).as("in line %d", lines).isFalse();
            }
            if (lines == STREAM.split("\n", -1).length - 1) {
                break;
            }
            started = !line.isEmpty() && (started || !line.startsWith(":"));
            if (lineEnd.equals("\r\n")) {
                feed(scanner, (byte) '\r');
                assertThat(scanner.atEventBoundary())
                        .as("in the end of line %d", lines)
                        .isFalse();
            }
            feed(scanner, (byte) lineEnd.charAt(lineEnd.length() - 1));
            // After the first carriage return, a line feed may still follow.
            boolean known = !lineEnd.equals("\r") || lines > 0;
            assertThat(scanner.atEventBoundary()).as("after line %d", lines).isEqualTo(known && !started);
            lines++;
        }
        assertThat(scanner.atEventBoundary()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void aCommentInsertedAtABoundaryChangesNothingForAnyClient(String lineEnd) {
        String stream = STREAM.replace("\n", lineEnd);
        EventScanner scanner = new EventScanner();
        int boundaries = 0;
        for (int at = 0; at < stream.length(); at++) {
            if (scanner.atEventBoundary()) {
                boundaries++;
                String with = stream.substring(0, at) + ": ping\n" + stream.substring(at);
                assertThat(dispatched(with)).as("inserted at %d", at).isEqualTo(dispatched(stream));
            }
            feed(scanner, (byte) stream.charAt(at));
        }
        assertThat(boundaries).isGreaterThan(5);
    }

    @Test
    void noBoundaryIsBeforeTheLineFeedOfTheLastLine() {
        EventScanner scanner = new EventScanner();
        Chunks.feed(Chunks.utf8("data: x\r\n\r"), new int[] {100}, scanner::scan);
        assertThat(scanner.atEventBoundary()).isFalse();

        feed(scanner, (byte) '\n');

        assertThat(scanner.atEventBoundary()).isTrue();
    }

    private static void feed(EventScanner scanner, byte b) {
        Chunks.feed(new byte[] {b}, new int[] {1}, scanner::scan);
    }

    /**
     * Returns the events as the strictest client reads them: every empty line dispatches the lines since the last one,
     * even if there are none.
     */
    private static List<List<String>> dispatched(String stream) {
        List<List<String>> events = new ArrayList<>();
        List<String> event = new ArrayList<>();
        for (String line : Arrays.asList(stream.split("\r\n|\n|\r", -1))) {
            if (line.isEmpty()) {
                events.add(event);
                event = new ArrayList<>();
            } else if (!line.startsWith(":")) {
                event.add(line);
            }
        }
        return events;
    }
}
