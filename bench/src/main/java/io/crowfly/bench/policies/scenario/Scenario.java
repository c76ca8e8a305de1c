package io.crowfly.bench.policies.scenario;

import java.util.List;
import java.util.Optional;

/**
 * Scenario of the policy simulator: the content of one scenario file. Durations are in nanoseconds, shares from 0 to 1,
 * rates per second.
 *
 * @param weather kind of disturbance, which decides the targets
 * @param warmUpNanos time at the start that is left out of the figures
 * @param firstByteTimeoutNanos first-byte timeout of all edges
 * @param edges groups of edges with the same latency to the backends
 * @param requests kinds of request
 */
public record Scenario(
        String name,
        String description,
        Weather weather,
        long seed,
        long durationNanos,
        long warmUpNanos,
        long firstByteTimeoutNanos,
        List<EdgeGroup> edges,
        ProbeKind probes,
        List<Model> models,
        List<Backend> backends,
        List<RequestKind> requests,
        ArrivalProcess arrivals,
        List<ScenarioEvent> events) {

    public Scenario {
        edges = List.copyOf(edges);
        models = List.copyOf(models);
        backends = List.copyOf(backends);
        requests = List.copyOf(requests);
        events = List.copyOf(events);
    }

    public Scenario withSeed(long other) {
        return new Scenario(
                name,
                description,
                weather,
                other,
                durationNanos,
                warmUpNanos,
                firstByteTimeoutNanos,
                edges,
                probes,
                models,
                backends,
                requests,
                arrivals,
                events);
    }

    /**
     * Returns this scenario with other arrivals and another duration. The warm-up becomes 0 if it is not shorter than
     * the new duration.
     */
    public Scenario withArrivals(ArrivalProcess other, long newDurationNanos) {
        return new Scenario(
                name,
                description,
                weather,
                seed,
                newDurationNanos,
                warmUpNanos < newDurationNanos ? warmUpNanos : 0,
                firstByteTimeoutNanos,
                edges,
                probes,
                models,
                backends,
                requests,
                other,
                events);
    }

    public int edgeCount() {
        return edges.stream().mapToInt(EdgeGroup::count).sum();
    }

    /** Returns the event for which the report measures when requests moved away and came back. */
    public Optional<ScenarioEvent> watched() {
        return events.stream().filter(ScenarioEvent::watched).findFirst();
    }

    /** Group of edges with the same round trips. */
    public record EdgeGroup(String name, int count) {}

    /**
     * Kind of probes that the edges of a scenario send.
     *
     * @param model index of the model that an inference probe requests; empty for HTTP probes, which reach only the
     *     front door
     */
    public record ProbeKind(long intervalNanos, long timeoutNanos, Optional<Integer> model) {}

    /**
     * Model of a scenario.
     *
     * @param name name that clients send
     * @param sigma sigma of the log-normal time that a server takes to the first token
     * @param perPromptTokenNanos time that each token of the prompt adds to the median
     * @param betweenTokensNanos time between two tokens of a response, at every load
     */
    public record Model(String name, double sigma, double perPromptTokenNanos, double betweenTokensNanos) {}

    /**
     * Simulated backend of a scenario.
     *
     * @param name name of the backend
     * @param cloud its provider
     * @param region its region; may be empty
     * @param rttNanos round-trip time from each edge group
     * @param jitter share by which a round trip may be longer or shorter
     * @param medianNanos median of the server's time to first token for each model, for an empty prompt and without
     *     load
     * @param tailShare share of the responses that take longer, by a factor between {@code tailFrom} and {@code tailTo}
     * @param tailFrom lowest factor of the tail
     * @param tailTo highest factor of the tail
     * @param hangShare share of the requests that never get a response
     * @param load how latency grows with load
     * @param rateLimit limit of requests per window
     */
    public record Backend(
            String name,
            Cloud cloud,
            String region,
            double[] rttNanos,
            double jitter,
            double[] medianNanos,
            double tailShare,
            double tailFrom,
            double tailTo,
            double hangShare,
            SimulatedLoadCurve load,
            Optional<SimulatedRateLimit> rateLimit) {}

    /** Provider of a simulated backend. */
    public enum Cloud {
        AZURE,
        GOOGLE,
        OPENAI
    }

    /**
     * Kind of request in a scenario. Its numbers of tokens are log-normal.
     *
     * @param model index of the model
     * @param weight weight among all kinds
     * @param streamedShare share of these requests whose response is streamed
     * @param promptTokens tokens of the prompt
     * @param outputTokens tokens of the response
     */
    public record RequestKind(
            int model, double weight, double streamedShare, Tokens promptTokens, Tokens outputTokens) {}

    /** Log-normal number of tokens. */
    public record Tokens(double median, double sigma) {}
}
