package io.crowfly.bench.policies.scenario;

import java.util.List;

/** When requests come, at all edges together. Each goes to an edge drawn by lot. */
public sealed interface Arrivals {

    /** Evenly spaced. */
    record Constant(double perSecond) implements Arrivals {}

    /** Independent of each other. */
    record Poisson(double perSecond) implements Arrivals {}

    /** Poisson, with a rate that goes as a cosine from low to high and back in one period. */
    record Diurnal(double low, double high, long periodNanos) implements Arrivals {}

    /** Poisson, and every so often so many requests more, evenly within a short time. */
    record Bursts(double perSecond, long everyNanos, int size, long withinNanos) implements Arrivals {}

    /** As they were recorded. */
    record Recorded(List<Arrival> arrivals) implements Arrivals {
        public Recorded {
            arrivals = List.copyOf(arrivals);
        }
    }

    /**
     * @param model by its name; empty: drawn from the scenario's mix
     * @param outputTokens 0: drawn likewise
     */
    record Arrival(long atNanos, String model, int promptTokens, int outputTokens) {}
}
