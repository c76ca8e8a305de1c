package io.crowfly.bench.load;

import io.crowfly.bench.process.Programs;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Command line of the load generator wrk with one thread, and parser of its summary. Each connection sends the next
 * request after the response.
 */
public final class Wrk {

    /** Length in bytes of the chat completion that wrk sends: a typical size. */
    private static final int POST_BYTES = 2048;

    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ");
    private static final Pattern OTHER_STATUS = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");
    private static final Pattern SOCKET_ERRORS =
            Pattern.compile("Socket errors: connect (\\d+), read (\\d+), write (\\d+), timeout (\\d+)");

    private Wrk() {}

    /** @param arguments additional arguments before the address */
    public static List<String> command(
            Programs programs, int connections, long seconds, String address, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(programs.path("wrk"), "-t1", "-c" + connections, "-d" + seconds + "s", "--timeout", "10s"));
        command.addAll(List.of(arguments));
        command.add(address);
        return command;
    }

    /** Returns a chat completion whose {@code model} is its first field. */
    public static String modelFirst() {
        return chat("{\"model\":\"gpt-4o\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"", "\"}]}");
    }

    /**
     * Returns a chat completion whose {@code model} is its last field. Client libraries send fields in the order in
     * which the user wrote them.
     */
    public static String modelLast() {
        return chat("{\"messages\":[{\"role\":\"user\",\"content\":\"", "\"}],\"stream\":false,\"model\":\"gpt-4o\"}");
    }

    private static String chat(String start, String end) {
        String padding =
                "Tell me of crows. ".repeat(POST_BYTES).substring(0, POST_BYTES - start.length() - end.length());
        return start + padding + end;
    }

    /**
     * Returns a wrk script that POSTs this JSON. Without a {@code request} function wrk prepares the request once and
     * runs no Lua per request.
     */
    public static String postScript(String body) {
        return """
                wrk.method = "POST"
                wrk.headers["Content-Type"] = "application/json"
                wrk.body = [[%s]]
                """.formatted(body);
    }

    /** Returns a wrk script that POSTs a body of this size. */
    public static String uploadScript(int mebibytes) {
        return """
                wrk.method = "POST"
                wrk.headers["Content-Type"] = "application/octet-stream"
                wrk.body = string.rep("x", %d * 1024 * 1024)
                """.formatted(mebibytes);
    }

    /** Parses wrk's summary. */
    public static Counts parse(String summary) {
        return new Counts(
                sum(REQUESTS.matcher(summary)),
                sum(OTHER_STATUS.matcher(summary)),
                sum(SOCKET_ERRORS.matcher(summary)));
    }

    private static long sum(Matcher matcher) {
        long sum = 0;
        if (matcher.find()) {
            for (int group = 1; group <= matcher.groupCount(); group++) {
                sum += Long.parseLong(matcher.group(group));
            }
        }
        return sum;
    }

    /**
     * Counts of requests and errors in wrk's summary.
     *
     * @param requests requests with a response of any status
     * @param otherStatus requests with a status other than 2xx or 3xx
     * @param socketErrors connections that failed or broke, and responses that timed out
     */
    public record Counts(long requests, long otherStatus, long socketErrors) {

        /** Returns the failed connections plus the wrong statuses. */
        public long errors() {
            return otherStatus + socketErrors;
        }
    }
}
