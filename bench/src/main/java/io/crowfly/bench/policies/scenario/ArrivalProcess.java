package io.crowfly.bench.policies.scenario;

import java.util.List;

/** The times at which requests arrive, at all edges together. Each request goes to a random edge. */
public sealed interface ArrivalProcess {

    /** Evenly spaced arrivals. */
    record Constant(double perSecond) implements ArrivalProcess {}

    /** Independent arrivals. */
    record Poisson(double perSecond) implements ArrivalProcess {}

    /** A Poisson process whose rate follows a cosine from low to high and back in one period. */
    record Diurnal(double low, double high, long periodNanos) implements ArrivalProcess {}

    /** A Poisson process with additional bursts: {@code size} requests, evenly spaced within a short time. */
    record Bursts(double perSecond, long everyNanos, int size, long withinNanos) implements ArrivalProcess {}

    /** Recorded arrivals. */
    record Recorded(List<Arrival> arrivals) implements ArrivalProcess {
        public Recorded {
            arrivals = List.copyOf(arrivals);
        }
    }

    /**
     * One recorded arrival.
     *
     * @param model the name of the model; if empty, drawn from the scenario's mix
     * @param outputTokens if 0, drawn likewise
     */
    record Arrival(long atNanos, String model, int promptTokens, int outputTokens) {}
}
