package io.crowfly.bench.reload;

import java.util.List;
import java.util.Optional;

/**
 * The conf file of a run, and what is done to it: every edit is the file as it was at first with one thing changed, so
 * that each also takes back the one before.
 *
 * @param adminPort the port for operators; all are ports of 127.0.0.1
 * @param secondListener a port where nothing listens, for a listener that comes and goes
 * @param fastBackendPort the port of the backend that is preferred while it lives
 * @param thirdBackendPort that of one that comes and goes
 * @param spareBackendPort that of one that answers its probes later
 */
record ConfEdits(
        int listenerPort,
        int secondListener,
        int adminPort,
        int fastBackendPort,
        int thirdBackendPort,
        int spareBackendPort) {

    private static final String PROBES = "probes: {interval: 1s, http: {path: /health}}\n";
    private static final String TIMEOUTS = "timeouts: {connect: 2s, first-byte: 60s}\n";

    /** What the added listener is called in an {@link ConfEdit}. */
    static final String LISTENER_ADDED = "listener added";

    /** The one that only binding finds out; any other bad one is found by reading. */
    static final String ADDRESS_TAKEN = "address taken";

    String original() {
        return file("", fastBackendLine(), PROBES, TIMEOUTS);
    }

    /** Good and bad ones in turn. */
    List<ConfEdit> all() {
        return List.of(
                validEdit(
                        "probe interval changed", file("", fastBackendLine(), PROBES.replace("1s", "700ms"), TIMEOUTS)),
                invalidEdit("syntax error", original() + "routing: {retry: [}\n"),
                validEdit(
                        "backend added",
                        file("", fastBackendLine() + backendLine("third", thirdBackendPort), PROBES, TIMEOUTS)),
                invalidEdit("unknown key", file("", fastBackendLine(), PROBES, TIMEOUTS.replace("connect", "conect"))),
                validEdit(
                        LISTENER_ADDED,
                        file(listenerLine("second", secondListener), fastBackendLine(), PROBES, TIMEOUTS)),
                invalidEdit(
                        "file missing",
                        file("", fastBackendLine() + secureBackend("fourth", "missing.pem"), PROBES, TIMEOUTS)),
                validEdit("timeout changed", file("", fastBackendLine(), PROBES, TIMEOUTS.replace("60s", "50s"))),
                invalidEdit(
                        ADDRESS_TAKEN,
                        file(listenerLine("taken", spareBackendPort), fastBackendLine(), PROBES, TIMEOUTS)),
                validEdit("preferred backend removed", file("", "", PROBES, TIMEOUTS)),
                new ConfEdit("conf file deleted", false, Optional.empty()),
                validEdit("all as it was", original()));
    }

    private static ConfEdit validEdit(String description, String text) {
        return new ConfEdit(description, true, Optional.of(text));
    }

    private static ConfEdit invalidEdit(String description, String text) {
        return new ConfEdit(description, false, Optional.of(text));
    }

    private String file(String listeners, String backends, String probes, String timeouts) {
        return "region: bench\nlisteners:\n"
                + listenerLine("clients", listenerPort)
                + listeners
                + "admin: {bind: \"127.0.0.1:" + adminPort + "\"}\n"
                + "backends:\n"
                + backends
                + backendLine("spare", spareBackendPort)
                + probes
                + timeouts
                + "trace-decisions: true\n";
    }

    private String fastBackendLine() {
        return backendLine("fast", fastBackendPort);
    }

    private static String listenerLine(String name, int port) {
        return "  - {name: %s, bind: \"127.0.0.1:%d\"}\n".formatted(name, port);
    }

    private static String backendLine(String name, int port) {
        return "  - {name: %s, provider: openai, url: \"http://127.0.0.1:%d\"}\n".formatted(name, port);
    }

    private static String secureBackend(String name, String authority) {
        return "  - {name: %s, provider: openai, url: \"https://localhost\", tls: {ca: %s}}\n"
                .formatted(name, authority);
    }
}
