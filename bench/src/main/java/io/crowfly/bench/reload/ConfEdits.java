package io.crowfly.bench.reload;

import java.util.List;
import java.util.Optional;

/**
 * Conf file of {@code bench reload} and all its edits. Every edit is the original file with one change, so that an edit
 * also reverts the previous one.
 *
 * @param listenerPort port of the listener for clients
 * @param secondListener a free port for a listener that an edit adds
 * @param adminPort the admin port; all ports are on 127.0.0.1
 * @param fastBackendPort port of the backend that is preferred while it is reachable
 * @param thirdBackendPort port of a backend that an edit adds
 * @param spareBackendPort port of a backend with slower probes
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

    /** Description of the {@link ConfEdit} that adds a listener. */
    static final String LISTENER_ADDED = "listener added";

    /**
     * Description of the invalid edit that binds a listener to an address in use. Only this edit fails at binding; the
     * other invalid edits fail when the file is read.
     */
    static final String ADDRESS_TAKEN = "address taken";

    String original() {
        return file("", fastBackendLine(), PROBES, TIMEOUTS);
    }

    /** Returns all edits, alternately valid and invalid. */
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
