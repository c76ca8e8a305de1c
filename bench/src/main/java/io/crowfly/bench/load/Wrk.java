package io.crowfly.bench.load;

import io.crowfly.bench.process.Programs;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** wrk with one thread: successive requests on every connection. Builds its command line and parses its summary. */
public final class Wrk {

    /** Length of the chat completion, typical for clients: 2 KiB. */
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

    /** Returns a body that has its model before everything else. */
    public static String modelFirst() {
        return chat("{\"model\":\"gpt-4o\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"", "\"}]}");
    }

    /**
     * Returns a body that has its model after the messages. Client libraries send it in this order if their users write
     * the messages first.
     */
    public static String modelLast() {
        return chat("{\"messages\":[{\"role\":\"user\",\"content\":\"", "\"}],\"stream\":false,\"model\":\"gpt-4o\"}");
    }

    private static String chat(String start, String end) {
        String padding =
                "Tell me of crows. ".repeat(POST_BYTES).substring(0, POST_BYTES - start.length() - end.length());
        return start + padding + end;
    }

    /** Returns a wrk script that POSTs this JSON. wrk prepares the request once, and runs no Lua for each request. */
    public static String postScript(String body) {
        return """
                wrk.method = "POST"
                wrk.headers["Content-Type"] = "application/json"
                wrk.body = [[%s]]
                """.formatted(body);
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
     * The counts in wrk's summary.
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
