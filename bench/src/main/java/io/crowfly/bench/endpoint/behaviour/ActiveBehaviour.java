package io.crowfly.bench.endpoint.behaviour;

import java.util.OptionalInt;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Runtime state of a simulated endpoint's {@link Behaviour}: the remaining errors and the position in its random
 * sequences. Each new behaviour starts with a new state. Safe for use by several threads.
 */
public final class ActiveBehaviour {

    public final Behaviour settings;
    private final DoubleSupplier loadFactor;
    private final LongSupplier firstToken;
    private final LongSupplier health;
    private final Supplier<OptionalInt> statuses;

    /** @param loadFactor present factor on the time to the first token; safe for use by several threads */
    public ActiveBehaviour(Behaviour behaviour, DoubleSupplier loadFactor) {
        this.settings = behaviour;
        this.loadFactor = loadFactor;
        this.firstToken = behaviour.firstToken().samples();
        this.health = behaviour.health().samples();
        this.statuses = behaviour.faults().statuses();
    }

    public long nextFirstTokenNanos() {
        return (long) (firstToken.getAsLong() * loadFactor.getAsDouble());
    }

    public long nextHealthNanos() {
        return health.getAsLong();
    }

    /** Returns the error status for the next API call, and removes it from the sequence; empty if the call succeeds. */
    public OptionalInt nextErrorStatus() {
        return statuses.get();
    }
}
