package io.crowfly.bench.reload;

import java.util.List;
import java.util.Optional;

/**
 * The conf file of a run, and what is done to it: every edit is the file as it was at first with one thing changed, so
 * that each also takes back the one before.
 *
 * @param admin the port for operators; all are ports of 127.0.0.1
 * @param second a port where nothing listens, for a listener that comes and goes
 * @param fast the port of the backend that is preferred while it lives
 * @param third that of one that comes and goes
 * @param spare that of one that answers its probes later
 */
record ConfEdits(int listener, int second, int admin, int fast, int third, int spare) {

    private static final String PROBES = "probes: {interval: 1s, http: {path: /health}}\n";
    private static final String TIMEOUTS = "timeouts: {connect: 2s, first-byte: 60s}\n";

    /** What the added listener is called in an {@link Edit}. */
    static final String LISTENER_ADDED = "listener added";

    /** The one that only binding finds out; any other bad one is found by reading. */
    static final String ADDRESS_TAKEN = "address taken";

    String original() {
        return file("", fastBackend(), PROBES, TIMEOUTS);
    }

    /** Good and bad ones in turn. */
    List<Edit> all() {
        return List.of(
                good("probe interval changed", file("", fastBackend(), PROBES.replace("1s", "700ms"), TIMEOUTS)),
                bad("syntax error", original() + "routing: {retry: [}\n"),
                good("backend added", file("", fastBackend() + backend("third", third), PROBES, TIMEOUTS)),
                bad("unknown key", file("", fastBackend(), PROBES, TIMEOUTS.replace("connect", "conect"))),
                good(LISTENER_ADDED, file(listener("second", second), fastBackend(), PROBES, TIMEOUTS)),
                bad("file missing", file("", fastBackend() + secureBackend("fourth", "missing.pem"), PROBES, TIMEOUTS)),
                good("timeout changed", file("", fastBackend(), PROBES, TIMEOUTS.replace("60s", "50s"))),
                bad(ADDRESS_TAKEN, file(listener("taken", spare), fastBackend(), PROBES, TIMEOUTS)),
                good("preferred backend removed", file("", "", PROBES, TIMEOUTS)),
                new Edit("conf file deleted", false, Optional.empty()),
                good("all as it was", original()));
    }

    private static Edit good(String what, String text) {
        return new Edit(what, true, Optional.of(text));
    }

    private static Edit bad(String what, String text) {
        return new Edit(what, false, Optional.of(text));
    }

    private String file(String listeners, String backends, String probes, String timeouts) {
        return "region: bench\nlisteners:\n"
                + listener("clients", listener)
                + listeners
                + "admin: {bind: \"127.0.0.1:" + admin + "\"}\n"
                + "backends:\n"
                + backends
                + backend("spare", spare)
                + probes
                + timeouts
                + "trace-decisions: true\n";
    }

    private String fastBackend() {
        return backend("fast", fast);
    }

    private static String listener(String name, int port) {
        return "  - {name: %s, bind: \"127.0.0.1:%d\"}\n".formatted(name, port);
    }

    private static String backend(String name, int port) {
        return "  - {name: %s, provider: openai, url: \"http://127.0.0.1:%d\"}\n".formatted(name, port);
    }

    private static String secureBackend(String name, String authority) {
        return "  - {name: %s, provider: openai, url: \"https://localhost\", tls: {ca: %s}}\n"
                .formatted(name, authority);
    }
}
