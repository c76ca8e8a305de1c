package io.crowfly.bench.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Requests one after the other on every connection, by wrk with one thread. */
final class WrkLoad implements Load {

    /** A chat completion as clients send them, 2 KiB long. */
    private static final int POST_BYTES = 2048;

    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ");
    private static final Pattern OTHER_STATUS = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");
    private static final Pattern SOCKET_ERRORS =
            Pattern.compile("Socket errors: connect (\\d+), read (\\d+), write (\\d+), timeout (\\d+)");

    private final Programs programs;
    private final Children children;
    private final Scenario scenario;
    private final Path folder;

    WrkLoad(Programs programs, Children children, Scenario scenario, Path folder) {
        this.programs = programs;
        this.children = children;
        this.scenario = scenario;
        this.folder = folder;
    }

    @Override
    public Sample drive(Children.Child proxy, int port, int seconds) throws IOException, InterruptedException {
        ProcessUsage before = proxy.usage();
        long start = System.nanoTime();
        Children.Child wrk =
                children.start("wrk", Cores.LOAD, command(port, seconds), Map.of(), folder.resolve("wrk.log"));
        wrk.process().waitFor();
        double took = (System.nanoTime() - start) / 1e9;
        ProcessUsage after = proxy.usage();
        Counts counts = parse(wrk.output());
        if (counts.requests() == 0) {
            throw new IOException("no request was answered; wrk says: " + wrk.output());
        }
        return new Sample(
                counts.requests(),
                after.cpuMicros() - before.cpuMicros(),
                took,
                after.residentBytes(),
                counts.errors(),
                0);
    }

    private List<String> command(int port, int seconds) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                programs.path("wrk"), "-t1", "-c" + scenario.connections(), "-d" + seconds + "s", "--timeout", "10s"));
        if (scenario == Scenario.POST) {
            Path script = Files.writeString(folder.resolve("post.lua"), postScript(), StandardCharsets.US_ASCII);
            command.addAll(List.of("-s", script.toString()));
        }
        command.add("http://127.0.0.1:" + port + scenario.path());
        return command;
    }

    /** wrk prepares the request once from this, and runs no Lua for each. */
    private static String postScript() {
        String start = "{\"model\":\"gpt-4o\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"";
        String end = "\"}]}";
        String padding =
                "Tell me of crows. ".repeat(POST_BYTES).substring(0, POST_BYTES - start.length() - end.length());
        return """
                wrk.method = "POST"
                wrk.headers["Content-Type"] = "application/json"
                wrk.body = [[%s%s%s]]
                """.formatted(start, padding, end);
    }

    /** What wrk's summary says. A failed connection and a status other than 2xx or 3xx are both errors. */
    static Counts parse(String summary) {
        long errors = sum(OTHER_STATUS.matcher(summary)) + sum(SOCKET_ERRORS.matcher(summary));
        return new Counts(sum(REQUESTS.matcher(summary)), errors);
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

    record Counts(long requests, long errors) {}
}
