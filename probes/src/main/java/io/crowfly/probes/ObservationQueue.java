package io.crowfly.probes;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Bounded queue of one loop's observations. One thread adds, one other thread drains; neither blocks. If the queue is
 * full, the newest observations are dropped, which is acceptable because thousands of other samples remain.
 */
final class ObservationQueue {

    /** Observations of one tick at 80,000 requests per second on one loop. */
    private static final int CAPACITY = 4096;

    private final AtomicReferenceArray<@Nullable Observation> slots = new AtomicReferenceArray<>(CAPACITY);
    private int head;
    private int tail;

    /**
     * Adds an observation; adding thread only.
     *
     * @return whether the queue had space
     */
    boolean add(Observation observation) {
        if (slots.getPlain(tail) != null && slots.getAcquire(tail) != null) {
            return false;
        }
        slots.setRelease(tail, observation);
        tail = (tail + 1) % CAPACITY;
        return true;
    }

    /** Removes all observations and passes them on; draining thread only. */
    void drain(Consumer<Observation> consumer) {
        for (Observation observation; (observation = slots.getAcquire(head)) != null; ) {
            slots.setRelease(head, null);
            head = (head + 1) % CAPACITY;
            consumer.accept(observation);
        }
    }
}
