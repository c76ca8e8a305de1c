package io.crowfly.bench.load;

import io.crowfly.bench.process.Programs;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** wrk with one thread: requests one after the other on every connection. How it is called, and what it says at the end. */
public final class Wrk {

    /** A chat completion as clients send them, 2 KiB long. */
    private static final int POST_BYTES = 2048;

    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ");
    private static final Pattern OTHER_STATUS = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");
    private static final Pattern SOCKET_ERRORS =
            Pattern.compile("Socket errors: connect (\\d+), read (\\d+), write (\\d+), timeout (\\d+)");

    private Wrk() {}

    /** @param arguments more of them, ahead of the address */
    public static List<String> command(
            Programs programs, int connections, long seconds, String address, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(programs.path("wrk"), "-t1", "-c" + connections, "-d" + seconds + "s", "--timeout", "10s"));
        command.addAll(List.of(arguments));
        command.add(address);
        return command;
    }

    /** A body that names its model ahead of everything else. */
    public static String modelFirst() {
        return chat("{\"model\":\"gpt-4o\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"", "\"}]}");
    }

    /** A body that names its model behind the messages, as clients' libraries send it whose users write the messages first. */
    public static String modelLast() {
        return chat("{\"messages\":[{\"role\":\"user\",\"content\":\"", "\"}],\"stream\":false,\"model\":\"gpt-4o\"}");
    }

    private static String chat(String start, String end) {
        String padding =
                "Tell me of crows. ".repeat(POST_BYTES).substring(0, POST_BYTES - start.length() - end.length());
        return start + padding + end;
    }

    /** A script that has it POST this JSON. wrk prepares the request once from this, and runs no Lua for each. */
    public static String postScript(String body) {
        return """
                wrk.method = "POST"
                wrk.headers["Content-Type"] = "application/json"
                wrk.body = [[%s]]
                """.formatted(body);
    }

    /** What its summary says. */
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
     * @param requests that were answered, whatever the status
     * @param otherStatus of those, with a status other than 2xx or 3xx
     * @param socketErrors connections that failed or broke, and answers that took too long
     */
    public record Counts(long requests, long otherStatus, long socketErrors) {

        /** A failed connection and a wrong status alike. */
        public long errors() {
            return otherStatus + socketErrors;
        }
    }
}
