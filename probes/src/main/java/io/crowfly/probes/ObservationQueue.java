package io.crowfly.probes;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one loop has observed and the probes' thread has not yet looked at. One thread adds, another one drains; neither
 * waits. When it is full the newest are dropped: they are samples, and there are a thousand others.
 */
final class ObservationQueue {

    /** A tick's worth at 80,000 requests a second on one loop. */
    private static final int CAPACITY = 4096;

    private final AtomicReferenceArray<@Nullable Observation> slots = new AtomicReferenceArray<>(CAPACITY);
    private int head;
    private int tail;

    /** By the adding thread. @return whether there was room */
    boolean add(Observation observation) {
        if (slots.getPlain(tail) != null && slots.getAcquire(tail) != null) {
            return false;
        }
        slots.setRelease(tail, observation);
        tail = (tail + 1) % CAPACITY;
        return true;
    }

    /** By the draining thread. */
    void drain(Consumer<Observation> consumer) {
        for (Observation observation; (observation = slots.getAcquire(head)) != null; ) {
            slots.setRelease(head, null);
            head = (head + 1) % CAPACITY;
            consumer.accept(observation);
        }
    }
}
