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
 * Part of the balancer's access log that {@code bench choose} evaluates: requests with several attempts, and failed
 * requests.
 *
 * @param retried entries of requests that took more than one attempt
 * @param failed raw lines of requests that got a 5xx or 429, or whose response was aborted
 */
record BalancerAccessLog(List<Entry> retried, List<String> failed) {

    private static final Pattern TIME = Pattern.compile("\"time\":\"([^\"]+)\"");
    private static final Pattern ATTEMPTS = Pattern.compile("\"way\":\"([^\"]+)\"");

    private static final Pattern FAILED = Pattern.compile("\"status\":(5|429)|\"failure\":");

    /** Outcome in the access log of an attempt that was cancelled because a parallel attempt responded first. */
    private static final String CANCELLED = ": cancelled";

    /**
     * Access-log line of one request.
     *
     * @param epochMillis time of the line, in milliseconds since 1970
     * @param attempts each backend and the outcome of its attempt: {@code a: 429, b: 200}
     */
    record Entry(long epochMillis, String attempts) {

        boolean tried(String backend) {
            return attempts.startsWith(backend + ": ") || attempts.contains(", " + backend + ": ");
        }
    }

    static BalancerAccessLog read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        return new BalancerAccessLog(
                lines.stream()
                        .map(BalancerAccessLog::parseLine)
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

    /**
     * Returns the number of requests in a time range that had several attempts, at least one of them at this backend.
     */
    long countTried(String backend, long fromEpochMillis, long toEpochMillis) {
        return retried.stream()
                .filter(line -> line.epochMillis() >= fromEpochMillis && line.epochMillis() < toEpochMillis)
                .filter(line -> line.tried(backend))
                .count();
    }

    /** Returns the number of requests of which one attempt was cancelled because the other attempt was faster. */
    long countHedged() {
        return retried.stream()
                .filter(line -> line.attempts().contains(CANCELLED))
                .count();
    }
}
