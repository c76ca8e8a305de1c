package io.crowfly.probes;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Bounded queue that carries one event loop's observations to the scheduler's thread. One thread adds, one other thread
 * drains; neither blocks. If the queue is full, a new observation is dropped. That is acceptable because thousands of
 * other samples remain.
 */
final class ObservationQueue {

    /** Capacity for one tick (50 ms) at 80,000 observations per second on one loop. */
    private static final int CAPACITY = 4096;

    private final AtomicReferenceArray<@Nullable Observation> slots = new AtomicReferenceArray<>(CAPACITY);
    private int head;
    private int tail;

    /**
     * Adds an observation. Only the adding thread may call this.
     *
     * @return false if the queue is full and the observation was dropped
     */
    boolean add(Observation observation) {
        if (slots.getPlain(tail) != null && slots.getAcquire(tail) != null) {
            return false;
        }
        slots.setRelease(tail, observation);
        tail = (tail + 1) % CAPACITY;
        return true;
    }

    /** Returns whether there is no observation. Only the draining thread may call this. */
    boolean isEmpty() {
        return slots.get(head) == null; // a volatile read, so that no earlier volatile write is delayed behind it
    }

    /** Removes all observations and passes each to the consumer. Only the draining thread may call this. */
    void drain(Consumer<Observation> consumer) {
        for (Observation observation; (observation = slots.getAcquire(head)) != null; ) {
            slots.setRelease(head, null);
            head = (head + 1) % CAPACITY;
            consumer.accept(observation);
        }
    }
}
