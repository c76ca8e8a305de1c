package io.crowfly.balancer.testbed;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One HTTP/1.1 message read from a {@link RawConnection}. The parser is minimal and strict.
 *
 * @param fields the header lines as received
 * @param body without its framing
 * @param trailers the lines after the last chunk
 */
public record Message(String startLine, List<String> fields, String body, List<String> trailers) {

    public static Message readRequest(RawConnection connection) throws IOException {
        Message head = readHead(connection);
        return head.withBody(connection, head.has("content-length") || head.has("transfer-encoding"));
    }

    public static Message readResponse(RawConnection connection) throws IOException {
        Message head = readHead(connection);
        int status = head.status();
        return head.withBody(connection, status >= 200 && status != 204 && status != 304);
    }

    /**
     * Reads only a head: of an interim response, of a response to HEAD, or before a body that the test reads itself.
     */
    public static Message readHead(RawConnection connection) throws IOException {
        String[] lines = connection.readHead().split("\r\n");
        return new Message(lines[0], List.of(lines).subList(1, lines.length), "", List.of());
    }

    private Message withBody(RawConnection connection, boolean has) throws IOException {
        if (!has) {
            return this;
        }
        if (has("transfer-encoding")) {
            return withChunks(connection);
        }
        String text = has("content-length")
                ? connection.read(Integer.parseInt(header("content-length")))
                : connection.readToEnd().text();
        return new Message(startLine, fields, text, List.of());
    }

    private Message withChunks(RawConnection connection) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int size; (size = Integer.parseInt(connection.readLine(), 16)) > 0; ) {
            text.append(connection.read(size));
            if (!connection.readLine().isEmpty()) {
                throw new IOException("no CR LF after a chunk");
            }
        }
        List<String> after = new ArrayList<>();
        for (String line; !(line = connection.readLine()).isEmpty(); ) {
            after.add(line);
        }
        return new Message(startLine, fields, text.toString(), List.copyOf(after));
    }

    public int status() {
        return Integer.parseInt(startLine.split(" ")[1]);
    }

    /** Returns the target of a request. */
    public String target() {
        return startLine.split(" ")[1];
    }

    public boolean has(String name) {
        return !values(name).isEmpty();
    }

    /** Returns the only value of a header. */
    public String header(String name) {
        List<String> values = values(name);
        if (values.size() != 1) {
            throw new AssertionError(name + " is there " + values.size() + " times in " + fields);
        }
        return values.get(0);
    }

    private List<String> values(String name) {
        return fields.stream()
                .filter(line -> line.regionMatches(true, 0, name + ':', 0, name.length() + 1))
                .map(line -> line.substring(name.length() + 1).trim())
                .toList();
    }
}
