package io.crowfly.bench.load;

import java.io.IOException;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Client of the balancer's admin API in a benchmark, with a new connection for each call. */
public final class AdminClient {

    private static final Pattern GENERATION = Pattern.compile("\"generation\"\\s*:\\s*(\\d+)");
    private static final Pattern LAST_RELOAD =
            Pattern.compile("\"lastReload\"\\s*:\\s*\\{\\s*\"time\"\\s*:\\s*\"([^\"]+)\"");
    private static final Pattern IN_FLIGHT = Pattern.compile("\"inFlight\"\\s*:\\s*(\\d+)");

    private static final Pattern EJECTED = Pattern.compile("\"ejected\"\\s*:\\s*true");

    private static final Pattern HEALTHY = Pattern.compile("\"healthy\"\\s*:\\s*true");

    private final int port;

    /** @param port the admin port on 127.0.0.1 */
    public AdminClient(int port) {
        this.port = port;
    }

    /**
     * Conf in force, and the last reload, as the admin reports them.
     *
     * @param generation the generation of the conf in force
     * @param lastReload time of the last reload, successful or not; different for each reload
     */
    public record Reload(long generation, String lastReload) {}

    public Reload lastReload() throws IOException {
        String response = get("/conf");
        return new Reload(
                Long.parseLong(first(GENERATION, response).group(1)),
                first(LAST_RELOAD, response).group(1));
    }

    /** Returns the number of requests in flight at all backends. */
    public long inFlight() throws IOException {
        return IN_FLIGHT
                .matcher(get("/backends"))
                .results()
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .sum();
    }

    /** Returns the number of healthy backends. */
    public long healthyBackends() throws IOException {
        return HEALTHY.matcher(get("/backends")).results().count();
    }

    /** Returns the number of backends that are ejected as a whole. */
    public long ejectedBackends() throws IOException {
        return EJECTED.matcher(get("/backends")).results().count();
    }

    /** Returns the number of (backend, model) pairs that are ejected. */
    public long ejectedModels() throws IOException {
        return metrics().sum("crowfly_backend_ejected_models");
    }

    /** Returns whether {@code /healthz} responds with 200. */
    public boolean isLive() {
        try {
            get("/healthz");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns the balancer's memory that is reserved for held bodies, in bytes. */
    public long heldBytes() throws IOException {
        return metrics().value("crowfly_held_bytes");
    }

    public Metrics metrics() throws IOException {
        return new Metrics(get("/metrics"));
    }

    /**
     * The metrics of the balancer at one moment.
     *
     * @param text in Prometheus' format
     */
    public record Metrics(String text) {

        /**
         * Returns the value of a metric; of one of its series if there are several.
         *
         * @throws IOException if there is no such metric
         */
        public long value(String name) throws IOException {
            // Prometheus clients write large numbers with an exponent.
            Pattern line = Pattern.compile("(?m)^" + name + "(?:\\{[^}]*})? (\\S+)$");
            return (long) Double.parseDouble(first(line, text).group(1));
        }

        /** Returns the sum of all series of a metric; 0 if there is none. */
        public long sum(String name) {
            Pattern line = Pattern.compile("(?m)^" + name + "(?:\\{[^}]*})? (\\S+)$");
            return line.matcher(text)
                    .results()
                    .mapToLong(found -> (long) Double.parseDouble(found.group(1)))
                    .sum();
        }
    }

    private String get(String path) throws IOException {
        try (HttpCall call = HttpCall.connect(port)) {
            call.get(path);
            int status = call.status();
            if (status != 200) {
                throw new IOException("the admin API responds to " + path + " with " + status);
            }
            return call.text();
        }
    }

    private static MatchResult first(Pattern pattern, String response) throws IOException {
        return pattern.matcher(response)
                .results()
                .findFirst()
                .orElseThrow(() -> new IOException("the admin API's response lacks the expected field: " + response));
    }
}
