package io.crowfly.bench.policies.policy;

import java.util.function.Consumer;

/**
 * Source of reports about a server's own load, which Prequal's probes return. Neither Azure nor Google offers such
 * reports; the policy simulator provides them.
 */
@FunctionalInterface
public interface LoadReports {

    /** Requests a report from one backend. An unreachable backend sends no report. */
    void request(int backend, Consumer<LoadReport> whenReceived);

    /**
     * Load of one server.
     *
     * @param inFlight requests in flight at the server, from all edges
     * @param latencyNanos median time to first token of recent responses under about this load, plus the round trip of
     *     this probe, because round trips from an edge to its backends differ
     */
    record LoadReport(int inFlight, double latencyNanos) {}
}
