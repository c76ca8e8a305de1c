package io.crowfly.balancer.admin;

import io.crowfly.balancer.exchange.Outcome;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Store of the last outcomes of every event loop, for the page {@code GET /decisions}. The ring buffer of a loop is
 * written and read only on that loop. No data is shared, so recording an outcome costs one write to an array.
 */
public final class RecentDecisions {

    /** Number of outcomes kept for each loop: enough for an operator to inspect. */
    static final int OUTCOMES_PER_LOOP = 256;

    /**
     * Maximum number of candidates kept for each loop, over all its outcomes. Bounds the memory to 10 MiB, even with
     * hundreds of backends.
     */
    static final int CANDIDATES_PER_LOOP = 20_000;

    private static final Comparator<Outcome> NEWEST_FIRST = Comparator.comparingLong(RecentDecisions::endedEpochMillis)
            .thenComparingLong(Outcome::startedEpochMillis)
            .reversed();

    private final List<Ring> rings = new ArrayList<>();

    private static final class Ring {
        private final ArrayDeque<Outcome> outcomes = new ArrayDeque<>(OUTCOMES_PER_LOOP + 1);
        private int candidates;

        void add(Outcome outcome) {
            outcomes.addLast(outcome);
            candidates += size(outcome);
            while (outcomes.size() > OUTCOMES_PER_LOOP || candidates > CANDIDATES_PER_LOOP && outcomes.size() > 1) {
                candidates -= size(outcomes.removeFirst());
            }
        }

        private static int size(Outcome outcome) {
            return outcome.candidates().list().size();
        }

        List<Outcome> newestFirst() {
            List<Outcome> list = new ArrayList<>(outcomes.size());
            outcomes.descendingIterator().forEachRemaining(list::add);
            return list;
        }
    }

    /**
     * Returns the consumer that records the outcomes of the next loop, in the order of the loops' numbers. The consumer
     * may be called only on that loop.
     */
    public Consumer<Outcome> recorderOfNextLoop() {
        Ring ring = new Ring();
        rings.add(ring);
        return ring::add;
    }

    /**
     * Returns the last outcomes of all loops, newest first.
     *
     * @param count maximum number of outcomes
     * @param loops all event loops, in the order of their numbers
     */
    CompletableFuture<List<Outcome>> last(int count, List<EventLoop> loops) {
        List<CompletableFuture<List<Outcome>>> parts = new ArrayList<>();
        for (int i = 0; i < loops.size(); i++) {
            parts.add(CompletableFuture.supplyAsync(rings.get(i)::newestFirst, loops.get(i)));
        }
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new)).thenApply(all -> parts.stream()
                .flatMap(part -> part.join().stream())
                .sorted(NEWEST_FIRST) // stable: outcomes of one loop in the same millisecond keep their order
                .limit(count)
                .toList());
    }

    private static long endedEpochMillis(Outcome outcome) {
        return outcome.startedEpochMillis() + outcome.totalNanos() / 1_000_000;
    }
}
