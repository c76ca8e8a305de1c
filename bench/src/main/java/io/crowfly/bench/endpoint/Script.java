package io.crowfly.bench.endpoint;

import java.util.OptionalInt;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A {@link Behaviour} being played: it remembers how many errors are still to come and where in its random sequences it
 * is. Setting a behaviour begins a new script. Safe for use by several threads.
 */
final class Script {

    final Behaviour behaviour;
    private final LongSupplier firstToken;
    private final LongSupplier health;
    private final Supplier<OptionalInt> statuses;

    Script(Behaviour behaviour) {
        this.behaviour = behaviour;
        this.firstToken = behaviour.firstToken().samples();
        this.health = behaviour.health().samples();
        this.statuses = behaviour.faults().statuses();
    }

    long firstTokenNanos() {
        return firstToken.getAsLong();
    }

    long healthNanos() {
        return health.getAsLong();
    }

    /** The status that the next API call is to fail with, if it is to fail. */
    OptionalInt nextFault() {
        return statuses.get();
    }
}
