package io.crowfly.bench.policies.policy;

import java.util.function.Consumer;

/** Probes whose answers tell a server's own load, as those of Prequal do. No endpoint of Azure or Google offers this. */
@FunctionalInterface
public interface LoadReports {

    /** Asks once. No answer comes from a server that can't be reached. */
    void request(int backend, Consumer<LoadReport> whenReceived);

    /**
     * @param inFlight requests in flight at the server, of all edges
     * @param latencyNanos the median time to first token of answers that the server lately began at about this load, plus this
     *     probe's own round trip, which Prequal inside one data centre may neglect and an edge may not
     */
    record LoadReport(int inFlight, double latencyNanos) {}
}
