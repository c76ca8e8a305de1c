package io.crowfly.bench.policies.scenario;

import io.crowfly.conf.Hedge;
import io.crowfly.conf.Objective;
import io.crowfly.conf.Routing;
import io.crowfly.conf.TierTolerance;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Scenario of the policy simulator: the content of one scenario file. Durations are in nanoseconds, shares from 0 to 1,
 * rates per second.
 *
 * @param weather kind of disturbance, which decides the targets
 * @param warmUpNanos time at the start that is left out of the figures
 * @param firstByteTimeoutNanos first-byte timeout of all edges
 * @param edges groups of edges with the same latency to the backends
 * @param goal settings of the edges' routing
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
        Goal goal,
        List<Model> models,
        List<Backend> backends,
        List<RequestKind> requests,
        ArrivalProcess arrivals,
        List<ScenarioEvent> events) {

    /** End of the name of a scenario with a cold start. */
    static final String COLD_SUFFIX = "-cold";

    /** Minimum length of a run with a cold start. */
    private static final long COLD_NANOS = 120_000_000_000L;

    /** Time after the last event in a run with a cold start, in which traffic comes back. */
    private static final long AFTER_EVENTS_NANOS = 60_000_000_000L;

    public Scenario {
        edges = List.copyOf(edges);
        models = List.copyOf(models);
        backends = List.copyOf(backends);
        requests = List.copyOf(requests);
        events = List.copyOf(events);
    }

    public Scenario withSeed(long other) {
        return with(name, other, durationNanos, warmUpNanos, arrivals, events);
    }

    /**
     * Returns this scenario with other arrivals and another duration. The warm-up becomes 0 if it is not shorter than
     * the new duration.
     */
    public Scenario withArrivals(ArrivalProcess other, long newDurationNanos) {
        long newWarmUpNanos = warmUpNanos < newDurationNanos ? warmUpNanos : 0;
        return with(name, seed, newDurationNanos, newWarmUpNanos, other, events);
    }

    /** Returns whether all requests count, because there is no warm-up. */
    public boolean isCold() {
        return warmUpNanos == 0;
    }

    /**
     * Returns this scenario with a cold start: without warm-up, and with all events earlier, so that the first event
     * begins with the first request. The run is as long as the events and one period of the arrivals need, because its
     * later part is like the scenario itself.
     */
    public Scenario cold() {
        long shift = events.stream().mapToLong(ScenarioEvent::fromNanos).min().orElse(0);
        long end = events.stream().mapToLong(ScenarioEvent::toNanos).max().orElse(0);
        long needed = Math.max(COLD_NANOS, end - shift + AFTER_EVENTS_NANOS);
        if (arrivals instanceof ArrivalProcess.Diurnal diurnal) {
            needed = Math.max(needed, diurnal.periodNanos());
        }
        return with(
                name + COLD_SUFFIX,
                seed,
                Math.min(needed, durationNanos - shift),
                0,
                arrivals,
                events.stream().map(event -> event.earlier(shift)).toList());
    }

    /** Returns this scenario with each of its rates. Where a rate is not the first, the name ends with it. */
    public List<Scenario> withEachRate() {
        List<Scenario> all = new ArrayList<>(List.of(this));
        if (arrivals instanceof ArrivalProcess.Poisson poisson) {
            for (double rate : poisson.otherRates()) {
                String suffix =
                        "-at-" + BigDecimal.valueOf(rate).stripTrailingZeros().toPlainString();
                ArrivalProcess atRate = new ArrivalProcess.Poisson(rate, List.of());
                all.add(with(name + suffix, seed, durationNanos, warmUpNanos, atRate, events));
            }
        }
        return all;
    }

    /** Returns this scenario with each of its rates, and with a warm-up also with a cold start. */
    public List<Scenario> variants() {
        return withEachRate().stream()
                .flatMap(scenario -> scenario.isCold() ? Stream.of(scenario) : Stream.of(scenario, scenario.cold()))
                .toList();
    }

    private Scenario with(
            String newName,
            long newSeed,
            long newDurationNanos,
            long newWarmUpNanos,
            ArrivalProcess newArrivals,
            List<ScenarioEvent> newEvents) {
        return new Scenario(
                newName,
                description,
                weather,
                newSeed,
                newDurationNanos,
                newWarmUpNanos,
                firstByteTimeoutNanos,
                edges,
                probes,
                goal,
                models,
                backends,
                requests,
                newArrivals,
                newEvents);
    }

    public int edgeCount() {
        return edges.stream().mapToInt(EdgeGroup::count).sum();
    }

    /** Returns the event for which the report measures when requests moved away and came back. */
    public Optional<ScenarioEvent> watched() {
        return events.stream().filter(ScenarioEvent::watched).findFirst();
    }

    /** Returns whether the backends have different tiers. */
    public boolean hasTiers() {
        return backends.stream().mapToInt(Backend::tier).distinct().count() > 1;
    }

    /** Returns whether the edges keep the time until the end of a response low, not that until its first token. */
    public boolean countsCompletion() {
        return goal.objective() == Objective.COMPLETION;
    }

    /** Settings of the edges' routing. The oracle observes them too. */
    public record Goal(Objective objective, TierTolerance tierTolerance) {

        /** Returns the routing settings of Crowfly's own policy: its defaults, with this goal. */
        public Routing routing(Optional<Hedge> hedge) {
            Routing defaults = Routing.DEFAULT;
            return new Routing(
                    defaults.policy(),
                    objective,
                    defaults.tolerance(),
                    tierTolerance,
                    defaults.rules(),
                    defaults.retry(),
                    defaults.exploration(),
                    defaults.panic(),
                    hedge,
                    defaults.unknownModels(),
                    defaults.weights());
        }
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
     * @param betweenTokensNanos time between two tokens of a response, at backends that do not set their own
     */
    public record Model(String name, double sigma, double perPromptTokenNanos, double betweenTokensNanos) {}

    /**
     * Simulated backend of a scenario.
     *
     * @param name name of the backend
     * @param cloud its provider
     * @param region its region; may be empty
     * @param tier its tier, from 1
     * @param rttNanos round-trip time from each edge group
     * @param jitter share by which a round trip may be longer or shorter
     * @param medianNanos median of the server's time to first token for each model, for an empty prompt and without
     *     load
     * @param betweenTokensNanos time between two tokens of a response of each model, at every load
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
            int tier,
            double[] rttNanos,
            double jitter,
            double[] medianNanos,
            double[] betweenTokensNanos,
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
