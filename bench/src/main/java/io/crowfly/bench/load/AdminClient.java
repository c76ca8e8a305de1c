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

    private static final Pattern HEALTHY = Pattern.compile("\"healthy\"\\s*:\\s*true");

    /** Matches a floating-point number, because Prometheus clients write large numbers with an exponent. */
    private static final Pattern HELD_BYTES = Pattern.compile("(?m)^crowfly_held_bytes(?:\\{[^}]*})? (\\S+)$");

    private static final Pattern CONNECTIONS = Pattern.compile("(?m)^crowfly_client_connections(?:\\{[^}]*})? (\\S+)$");

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

    /** Returns the number of open client connections. */
    public long clientConnections() throws IOException {
        return (long) Double.parseDouble(first(CONNECTIONS, get("/metrics")).group(1));
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
        return (long) Double.parseDouble(first(HELD_BYTES, get("/metrics")).group(1));
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
