package io.crowfly.balancer.testbed;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One HTTP/1.1 message as it was read from a {@link RawConnection}: naive, and strict about what it knows.
 *
 * @param fields the header lines as they came
 * @param body without its framing
 * @param trailers the lines after the last chunk
 */
public record Message(String startLine, List<String> fields, String body, List<String> trailers) {

    public static Message readRequest(RawConnection wire) throws IOException {
        Message head = readHead(wire);
        return head.withBody(wire, head.has("content-length") || head.has("transfer-encoding"));
    }

    public static Message readResponse(RawConnection wire) throws IOException {
        Message head = readHead(wire);
        int status = head.status();
        return head.withBody(wire, status >= 200 && status != 204 && status != 304);
    }

    /** A head alone: of an interim answer, of one to a HEAD, or before a body that is read by hand. */
    public static Message readHead(RawConnection wire) throws IOException {
        String[] lines = wire.readHead().split("\r\n");
        return new Message(lines[0], List.of(lines).subList(1, lines.length), "", List.of());
    }

    private Message withBody(RawConnection wire, boolean has) throws IOException {
        if (!has) {
            return this;
        }
        if (has("transfer-encoding")) {
            return withChunks(wire);
        }
        String text = has("content-length")
                ? wire.read(Integer.parseInt(header("content-length")))
                : wire.readToEnd().text();
        return new Message(startLine, fields, text, List.of());
    }

    private Message withChunks(RawConnection wire) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int size; (size = Integer.parseInt(wire.readLine(), 16)) > 0; ) {
            text.append(wire.read(size));
            if (!wire.readLine().isEmpty()) {
                throw new IOException("no CR LF after a chunk");
            }
        }
        List<String> after = new ArrayList<>();
        for (String line; !(line = wire.readLine()).isEmpty(); ) {
            after.add(line);
        }
        return new Message(startLine, fields, text.toString(), List.copyOf(after));
    }

    public int status() {
        return Integer.parseInt(startLine.split(" ")[1]);
    }

    /** Of a request. */
    public String target() {
        return startLine.split(" ")[1];
    }

    public boolean has(String name) {
        return !values(name).isEmpty();
    }

    /** The one value of a header. */
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
