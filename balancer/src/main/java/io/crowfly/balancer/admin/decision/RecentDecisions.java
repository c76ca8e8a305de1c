package io.crowfly.balancer.admin.decision;

import io.crowfly.balancer.admin.decision.DecisionRecorder.Copy;
import io.crowfly.balancer.exchange.Outcome;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Store of the last decisions of all event loops, for the page {@code GET /decisions}: a ring of {@link Segment}s of
 * bounded size. Each loop writes to a segment of its own. A loop takes the lock only to exchange a full segment, about
 * once in 500 requests.
 */
public final class RecentDecisions {

    /** Enough for ten minutes at 100 requests a second, with six backends and twenty classes of requests. */
    private static final long MAX_BYTES = 32L * 1024 * 1024;

    /** The heap is this many times as large as the store, at least. */
    private static final int HEAP_TO_STORE = 16;

    /** Maximum number of candidates of all found decisions, so that a page of them needs at most some ten megabytes. */
    private static final int MAX_CANDIDATES_FOUND = 20_000;

    private static final Comparator<Place> NEWEST_FIRST = Comparator.comparingLong(Place::endedEpochMillis)
            .thenComparingInt(Place::number)
            .reversed();

    private final int maxSegments;
    private final List<DecisionRecorder> recorders = new ArrayList<>();

    /** Full segments, the oldest first. Guarded by this object. */
    private final Deque<Segment> full = new ArrayDeque<>();

    /** Number of threads that read full segments, so that none is overwritten. Guarded by this object. */
    private int readers;

    /**
     * Place of one decision.
     *
     * @param number counts the decisions in the order in which they were found: those of a loop from old to new
     */
    private record Place(DecisionReader reader, int offset, long endedEpochMillis, int number) {}

    /** @param maxBytes maximum size, apart from one segment for each loop */
    RecentDecisions(long maxBytes) {
        maxSegments = (int) Math.max(1, maxBytes / Segment.BYTES);
    }

    /** Creates a store whose size suits the heap of this JVM. */
    public static RecentDecisions ofJvm() {
        return new RecentDecisions(Math.min(MAX_BYTES, Runtime.getRuntime().maxMemory() / HEAP_TO_STORE));
    }

    /**
     * Returns the consumer that records the outcomes of the next loop, in the order of the loops' numbers. The consumer
     * may be called only on that loop.
     */
    public Consumer<Outcome> recorderOfNextLoop() {
        DecisionRecorder recorder = new DecisionRecorder(this::exchange);
        recorders.add(recorder);
        return recorder;
    }

    private synchronized Segment exchange(Segment filled) {
        full.addLast(filled);
        if (full.size() <= maxSegments) {
            return new Segment();
        }
        Segment oldest = full.removeFirst();
        if (readers > 0) {
            return new Segment();
        }
        oldest.clear();
        return oldest;
    }

    /**
     * Returns the last decisions of all loops, newest first.
     *
     * @param count maximum number of decisions
     * @param id of the request, at the client or at the backend; empty for all requests
     * @param loops all event loops, in the order of their numbers
     * @param executor runs the search
     */
    public CompletableFuture<List<Decision>> find(
            int count, Optional<String> id, List<EventLoop> loops, Executor executor) {
        List<CompletableFuture<Copy>> copies = new ArrayList<>();
        for (int i = 0; i < loops.size(); i++) {
            copies.add(CompletableFuture.supplyAsync(recorders.get(i)::copy, loops.get(i)));
        }
        return CompletableFuture.allOf(copies.toArray(CompletableFuture[]::new))
                .thenApplyAsync(
                        all -> find(
                                count,
                                id,
                                copies.stream().map(CompletableFuture::join).toList()),
                        executor);
    }

    private List<Decision> find(int count, Optional<String> id, List<Copy> copies) {
        List<Segment> filled = startReading();
        try {
            List<Place> places = new ArrayList<>();
            filled.forEach(segment -> addPlaces(segment, id, places));
            for (Copy copy : copies) {
                // A segment that has become full since its copy was made is in the list, with more entries.
                if (!filled.contains(copy.source())) {
                    addPlaces(copy.entries(), id, places);
                }
            }
            List<Decision> found = new ArrayList<>();
            int candidates = 0;
            for (Place place : places.stream().sorted(NEWEST_FIRST).limit(count).toList()) {
                Decision decision = place.reader().read(place.offset());
                candidates += decision.candidates().size();
                if (candidates > MAX_CANDIDATES_FOUND && !found.isEmpty()) {
                    break;
                }
                found.add(decision);
            }
            return found;
        } finally {
            endReading();
        }
    }

    private synchronized List<Segment> startReading() {
        readers++;
        return List.copyOf(full);
    }

    private synchronized void endReading() {
        readers--;
    }

    private static void addPlaces(Segment segment, Optional<String> id, List<Place> places) {
        DecisionReader reader = new DecisionReader(segment);
        segment.forEachDecision(offset -> {
            if (id.isEmpty() || reader.hasId(offset, id.get())) {
                places.add(new Place(reader, offset, reader.endedEpochMillis(offset), places.size()));
            }
        });
    }
}
