package io.crowfly.bench.policies.scenario;

import java.util.List;

/**
 * Process by which a scenario's requests arrive, summed over all edges (simulated Crowfly instances). Each request goes
 * to a random edge.
 */
public sealed interface ArrivalProcess {

    /** Arrivals at equal distances. */
    record Constant(double perSecond) implements ArrivalProcess {}

    /**
     * Poisson process: arrivals that are independent of each other.
     *
     * @param otherRates rates per second at which the scenario runs too
     */
    record Poisson(double perSecond, List<Double> otherRates) implements ArrivalProcess {
        public Poisson {
            otherRates = List.copyOf(otherRates);
        }
    }

    /** A Poisson process whose rate follows a cosine from low to high and back in one period. */
    record Diurnal(double low, double high, long periodNanos) implements ArrivalProcess {}

    /** A Poisson process with additional bursts: {@code size} requests, evenly spaced within a short time. */
    record Bursts(double perSecond, long everyNanos, int size, long withinNanos) implements ArrivalProcess {}

    /** Arrivals from a recording, in the order of time. */
    record Recorded(List<Arrival> arrivals) implements ArrivalProcess {
        public Recorded {
            arrivals = List.copyOf(arrivals);
        }
    }

    /**
     * One recorded arrival.
     *
     * @param atNanos time since the start
     * @param model name of the model; if empty, drawn from the scenario's kinds of request
     * @param promptTokens tokens of the prompt
     * @param outputTokens tokens of the response; if 0, drawn from the scenario's kinds of request
     */
    record Arrival(long atNanos, String model, int promptTokens, int outputTokens) {}
}
