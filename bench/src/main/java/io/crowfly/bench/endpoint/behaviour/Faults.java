package io.crowfly.bench.endpoint.behaviour;

import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Which answers to API calls are errors. Health answers are not touched: they have a status of their own. */
public sealed interface Faults {

    record None() implements Faults {}

    /** The next {@code count} answers carry {@code status}, the ones after them are good. */
    record Next(int count, int status) implements Faults {}

    /**
     * About a share of the answers carries {@code status}.
     *
     * @param share from 0 to 1
     */
    record Share(double share, int status, long seed) implements Faults {}

    /** The status of one answer after another, empty for a good one. Safe for use by several threads. */
    default Supplier<OptionalInt> statuses() {
        if (this instanceof Next next) {
            AtomicInteger left = new AtomicInteger(next.count);
            return () ->
                    left.getAndUpdate(n -> Math.max(0, n - 1)) > 0 ? OptionalInt.of(next.status) : OptionalInt.empty();
        }
        if (this instanceof Share some) {
            Random random = new Random(some.seed);
            return () -> random.nextDouble() < some.share ? OptionalInt.of(some.status) : OptionalInt.empty();
        }
        return OptionalInt::empty;
    }
}
