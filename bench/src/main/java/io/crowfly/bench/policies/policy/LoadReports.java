package io.crowfly.bench.policies.policy;

import java.util.function.Consumer;

/** Probes that return a server's own load, like those of Prequal. Neither Azure nor Google offers such probes. */
@FunctionalInterface
public interface LoadReports {

    /** Requests one report. An unreachable server sends no report. */
    void request(int backend, Consumer<LoadReport> whenReceived);

    /**
     * The load of a server.
     *
     * @param inFlight requests in flight at the server, from all edges
     * @param latencyNanos median time to first token of recent responses at about this load, plus the round trip of
     *     this probe. Prequal inside one data centre may neglect the round trip; an edge may not.
     */
    record LoadReport(int inFlight, double latencyNanos) {}
}
