package io.crowfly.bench.endpoint.behaviour;

import java.util.OptionalInt;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A {@link Behaviour} being played: it remembers how many errors are still to come and where in its random sequences it
 * is. Setting a behaviour begins a new script. Safe for use by several threads.
 */
public final class ActiveBehaviour {

    public final Behaviour settings;
    private final LongSupplier firstToken;
    private final LongSupplier health;
    private final Supplier<OptionalInt> statuses;

    public ActiveBehaviour(Behaviour behaviour) {
        this.settings = behaviour;
        this.firstToken = behaviour.firstToken().samples();
        this.health = behaviour.health().samples();
        this.statuses = behaviour.faults().statuses();
    }

    public long nextFirstTokenNanos() {
        return firstToken.getAsLong();
    }

    public long nextHealthNanos() {
        return health.getAsLong();
    }

    /** The status that the next API call is to fail with, if it is to fail. */
    public OptionalInt nextErrorStatus() {
        return statuses.get();
    }
}
