package io.crowfly.bench.policies.scenario;

import java.util.List;
import java.util.Optional;

/**
 * The content of one scenario file. Durations are in nanoseconds, shares from 0 to 1, rates per second.
 *
 * @param warmUpNanos time at the start that is left out of every figure
 * @param edges groups of edges with the same latency to the backends
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
     * Returns the same backends and events with other requests. A warm-up that is not shorter than the new duration is
     * removed.
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

    public record EdgeGroup(String name, int count) {}

    /**
     * The kind of probes.
     *
     * @param model index of the model that an inference probe requests; empty for HTTP probes, which reach only the
     *     front door
     */
    public record ProbeKind(long intervalNanos, long timeoutNanos, Optional<Integer> model) {}

    /**
     * A model.
     *
     * @param sigma of the log-normal time that a server takes to the first token
     * @param perPromptTokenNanos time that each token of the prompt adds to the median
     * @param betweenTokensNanos time between two tokens of a response, at every load
     */
    public record Model(String name, double sigma, double perPromptTokenNanos, double betweenTokensNanos) {}

    /**
     * A backend.
     *
     * @param rttNanos round-trip time from each edge group
     * @param jitter share by which a round trip may be longer or shorter
     * @param medianNanos median of the server's time to first token for each model, without prompt and load
     * @param tailShare share of the responses that take longer, by a factor between {@code tailFrom} and
     *     {@code tailTo}
     * @param hangShare share of the requests that never get a response
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

    /** The provider of a backend. */
    public enum Cloud {
        AZURE,
        GOOGLE,
        OPENAI
    }

    /** A kind of request. The numbers of its tokens are log-normal. */
    public record RequestKind(
            int model, double weight, double streamedShare, Tokens promptTokens, Tokens outputTokens) {}

    public record Tokens(double median, double sigma) {}
}
