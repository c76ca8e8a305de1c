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
 * The last outcomes of every loop. A loop notes its own and is asked for them on the loop itself, so that nothing is shared
 * and noting one costs a write to an array.
 */
public final class Decisions {

    /** Outcomes kept for each loop: enough to look at. */
    static final int PER_LOOP = 256;

    /** What they had to choose from, for each loop: less than 10 MiB, where there are hundreds of backends too. */
    static final int CANDIDATES_PER_LOOP = 20_000;

    private static final Comparator<Outcome> NEWEST_FIRST = Comparator.comparingLong(Decisions::endedEpochMillis)
            .thenComparingLong(Outcome::startedEpochMillis)
            .reversed();

    private final List<Ring> rings = new ArrayList<>();

    private static final class Ring {
        private final ArrayDeque<Outcome> outcomes = new ArrayDeque<>(PER_LOOP + 1);
        private int candidates;

        void note(Outcome outcome) {
            outcomes.addLast(outcome);
            candidates += size(outcome);
            while (outcomes.size() > PER_LOOP || candidates > CANDIDATES_PER_LOOP && outcomes.size() > 1) {
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

    /** For the next loop, in the order of their numbers; to be told on that loop only. */
    public Consumer<Outcome> ofNextLoop() {
        Ring ring = new Ring();
        rings.add(ring);
        return ring::note;
    }

    /**
     * The last ones over all loops, newest first.
     *
     * @param loops all of them, in the order of their numbers
     */
    CompletableFuture<List<Outcome>> last(int count, List<EventLoop> loops) {
        List<CompletableFuture<List<Outcome>>> parts = new ArrayList<>();
        for (int i = 0; i < loops.size(); i++) {
            parts.add(CompletableFuture.supplyAsync(rings.get(i)::newestFirst, loops.get(i)));
        }
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new)).thenApply(all -> parts.stream()
                .flatMap(part -> part.join().stream())
                .sorted(NEWEST_FIRST) // stable: a loop's own order stays within one millisecond
                .limit(count)
                .toList());
    }

    private static long endedEpochMillis(Outcome outcome) {
        return outcome.startedEpochMillis() + outcome.totalNanos() / 1_000_000;
    }
}
