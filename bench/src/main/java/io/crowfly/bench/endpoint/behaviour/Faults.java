package io.crowfly.bench.endpoint.behaviour;

import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Rules of a simulated endpoint's behaviour for which responses to API calls are errors. Health checks are not
 * affected, because they have a separate status.
 */
public sealed interface Faults {

    record None() implements Faults {}

    /** Rule that the next {@code count} responses have {@code status}. Later responses are successful. */
    record Next(int count, int status) implements Faults {}

    /** Rule that a random share of the responses, from 0 to 1, has {@code status}. */
    record Share(double share, int status, long seed) implements Faults {}

    /**
     * Returns a new source of error statuses. Each call gives the status of the next response; empty for a successful
     * response. Safe for use by several threads.
     */
    default Supplier<OptionalInt> statuses() {
        if (this instanceof Next next) {
            AtomicInteger left = new AtomicInteger(next.count);
            return () ->
                    left.getAndUpdate(n -> Math.max(0, n - 1)) > 0 ? OptionalInt.of(next.status) : OptionalInt.empty();
        }
        if (this instanceof Share share) {
            Random random = new Random(share.seed);
            return () -> random.nextDouble() < share.share ? OptionalInt.of(share.status) : OptionalInt.empty();
        }
        return OptionalInt::empty;
    }
}
