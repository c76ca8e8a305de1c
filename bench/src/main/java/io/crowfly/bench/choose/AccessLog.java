package io.crowfly.bench.choose;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the balancer's own log tells.
 *
 * @param retried of requests that took more than one attempt
 * @param failed the lines as they are of requests that were answered with a 5xx or 429, or broken off
 */
record AccessLog(List<Entry> retried, List<String> failed) {

    private static final Pattern TIME = Pattern.compile("\"time\":\"([^\"]+)\"");
    private static final Pattern ATTEMPTS = Pattern.compile("\"way\":\"([^\"]+)\"");

    private static final Pattern FAILED = Pattern.compile("\"status\":(5|429)|\"failure\":");

    /** How an attempt ends that another one was faster than. */
    private static final String CANCELLED = ": cancelled";

    /**
     * One request.
     *
     * @param attempts each backend and how its attempt ended: {@code a: 429, b: 200}
     */
    record Entry(long epochMillis, String attempts) {

        boolean tried(String backend) {
            return attempts.startsWith(backend + ": ") || attempts.contains(", " + backend + ": ");
        }
    }

    static AccessLog read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        return new AccessLog(
                lines.stream()
                        .map(AccessLog::parseLine)
                        .flatMap(Optional::stream)
                        .toList(),
                lines.stream().filter(line -> FAILED.matcher(line).find()).toList());
    }

    private static Optional<Entry> parseLine(String json) {
        Matcher time = TIME.matcher(json);
        Matcher way = ATTEMPTS.matcher(json);
        return time.find() && way.find()
                ? Optional.of(new Entry(Instant.parse(time.group(1)).toEpochMilli(), way.group(1)))
                : Optional.empty();
    }

    /** Requests that came from one moment up to another and were also sent to this backend. */
    long countTried(String backend, long fromEpochMillis, long toEpochMillis) {
        return retried.stream()
                .filter(line -> line.epochMillis() >= fromEpochMillis && line.epochMillis() < toEpochMillis)
                .filter(line -> line.tried(backend))
                .count();
    }

    /** Requests of which one attempt was cut short by the other. */
    long countHedged() {
        return retried.stream()
                .filter(line -> line.attempts().contains(CANCELLED))
                .count();
    }
}
