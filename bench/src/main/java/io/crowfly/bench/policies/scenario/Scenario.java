package io.crowfly.bench.policies.scenario;

import java.util.List;
import java.util.Optional;

/**
 * One scenario file. Durations are nanoseconds, shares are from 0 to 1, rates are per second.
 *
 * @param warmUpNanos at the start, left out of every figure
 * @param edges groups of edges that see the backends alike
 * @param modelNames in the order of {@link Backend#medianNanos}
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
        Arrivals arrivals,
        List<Event> events) {

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

    /** The same backends and events with other requests. Of a duration that the warm-up would take up whole, none of it. */
    public Scenario withArrivals(Arrivals other, long newDurationNanos) {
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

    /** The event whose going and coming back is timed. */
    public Optional<Event> watched() {
        return events.stream().filter(Event::watched).findFirst();
    }

    public record EdgeGroup(String name, int count) {}

    /**
     * @param model the one that an inference probe asks for, by its place; empty for probes over HTTP that reach the front door only
     */
    public record ProbeKind(long intervalNanos, long timeoutNanos, Optional<Integer> model) {}

    /**
     * @param sigma of the log-normal time that a server takes to the first token
     * @param perPromptTokenNanos what each token of the prompt adds to the median
     * @param betweenTokensNanos of the answer, at every load
     */
    public record Model(String name, double sigma, double perPromptTokenNanos, double betweenTokensNanos) {}

    /**
     * @param rttNanos from each edge group
     * @param jitter by which share a round trip may be longer or shorter
     * @param medianNanos of the server's time to first token for each model, prompt and load aside
     * @param tailShare of the answers that take longer by a factor between the two that follow
     * @param hangShare of the requests that are never answered
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
            LoadCurve load,
            Optional<RateLimit> rateLimit) {}

    /** Whose endpoint it is. */
    public enum Cloud {
        AZURE,
        GOOGLE,
        OPENAI
    }

    /** A kind of request. Its tokens are log-normal. */
    public record RequestKind(
            int model, double weight, double streamedShare, Tokens promptTokens, Tokens outputTokens) {}

    public record Tokens(double median, double sigma) {}
}
