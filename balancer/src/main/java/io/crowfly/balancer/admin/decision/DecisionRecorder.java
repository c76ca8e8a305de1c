package io.crowfly.balancer.admin.decision;

import io.crowfly.balancer.admin.decision.Decision.Option;
import io.crowfly.balancer.admin.decision.Decision.Try;
import io.crowfly.balancer.admin.decision.Segment.Kind;
import io.crowfly.balancer.attempt.AttemptRecord;
import io.crowfly.balancer.content.response.Usage;
import io.crowfly.balancer.exchange.Outcome;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.probes.forecast.ProbeTimes;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/*
 * Most decisions in a row were made from the same lists of candidates, and repeat the same names. Each list and each
 * name is therefore written once for each segment. So a decision needs about 200 bytes, and little time on the event
 * loop.
 */

/** Recorder of the decisions of one event loop, into its current {@link Segment}. Confined to that loop. */
final class DecisionRecorder implements Consumer<Outcome> {

    /** Candidates that are kept for one decision, so that their list fits into a segment. */
    static final int MAX_CANDIDATES = 500;

    /** Maximum length of all notes of one list together, for the same reason. */
    private static final int MAX_NOTES_CHARS = 25_000;

    /** Lists of candidates to which the next decisions may refer: about one for each busy class of requests. */
    private static final int RECENT_LISTS = 16;

    /** Maximum number of names of one segment. Further names, which clients may invent, are written in each entry. */
    private static final int MAX_NAMES = 256;

    /**
     * Decisions of one second after which further ordinary ones are left out, because each costs one or two
     * microseconds. At more requests a second the ring would reach back only seconds.
     */
    static final int MAX_PER_SECOND = 1000;

    private final UnaryOperator<Segment> exchange;
    private final ByteSink decisionSink = new ByteSink();
    private final ByteSink listSink = new ByteSink();
    private final ByteSink nameSink = new ByteSink();
    private final Map<String, Integer> nameOffsets = new HashMap<>();
    private final Candidates[] recentLists = new Candidates[RECENT_LISTS];
    private final int[] listOffsets = new int[RECENT_LISTS];
    private int nextList;
    private long second;
    private int inSecond;
    private Segment segment = new Segment();

    /** @param exchange takes a full segment and returns an empty one */
    DecisionRecorder(UnaryOperator<Segment> exchange) {
        this.exchange = exchange;
        Arrays.fill(recentLists, Candidates.NONE);
    }

    /** The current segment and its entries so far. */
    record Copy(Segment source, Segment entries) {}

    Copy copy() {
        return new Copy(segment, segment.copy());
    }

    @Override
    public void accept(Outcome outcome) {
        if (exceedsRate(outcome) && isOrdinary(outcome)) {
            return;
        }
        if (!append(outcome)) {
            segment = exchange.apply(segment);
            nameOffsets.clear();
            Arrays.fill(recentLists, Candidates.NONE);
            append(outcome);
        }
    }

    private boolean exceedsRate(Outcome outcome) {
        long endSecond = Decision.endedEpochMillis(outcome) / 1000;
        if (endSecond != second) {
            second = endSecond;
            inSecond = 0;
        }
        return ++inSecond > MAX_PER_SECOND;
    }

    /** Returns whether the first attempt succeeded, so that there is nothing to explain. */
    private static boolean isOrdinary(Outcome outcome) {
        return outcome.attemptRecords().size() <= 1
                && outcome.status() < 400
                && outcome.failure().isEmpty();
    }

    /** Returns false if the segment is full. */
    private boolean append(Outcome outcome) {
        int list = listOffset(outcome.candidates());
        if (list < 0) {
            return false;
        }
        decisionSink.clear();
        write(outcome, list);
        return segment.append(Kind.DECISION, decisionSink) >= 0;
    }

    private int listOffset(Candidates candidates) {
        if (candidates.list().isEmpty()) {
            return 0;
        }
        for (int i = 0; i < RECENT_LISTS; i++) {
            if (recentLists[i] == candidates) {
                return listOffsets[i];
            }
        }
        listSink.clear();
        int count = Math.min(candidates.list().size(), MAX_CANDIDATES);
        listSink.putNumber(count);
        int noteChars = Math.min(ByteSink.MAX_TEXT_CHARS, MAX_NOTES_CHARS / count);
        for (int place = 0; place < count; place++) {
            write(Option.of(candidates.list().get(place), candidates.isOpen(place)), noteChars);
        }
        int offset = segment.append(Kind.CANDIDATES, listSink);
        if (offset >= 0) {
            recentLists[nextList] = candidates;
            listOffsets[nextList] = offset;
            nextList = (nextList + 1) % RECENT_LISTS;
        }
        return offset;
    }

    private void write(Option option, int noteChars) {
        putName(listSink, option.name());
        listSink.putNumber(option.tier());
        listSink.putByte(option.health().ordinal());
        listSink.putFlag(option.open());
        String note = option.note();
        listSink.putText(note.length() > noteChars ? note.substring(0, noteChars) : note);
        listSink.putShare(option.failureShare());
        listSink.putShare(option.share());
        listSink.putByte(option.basis().ordinal());
        listSink.putFlag(option.known());
        listSink.putNanos(option.latencyNanos());
        listSink.putNanos(option.networkNanos());
        listSink.putShare(option.uncertainty());
        listSink.putNanos(option.costNanos());
        listSink.putShare(option.load());
        listSink.putNanos(option.loadNanos());
    }

    private void write(Outcome outcome, int list) {
        ByteSink sink = decisionSink;
        sink.putNumber(Decision.endedEpochMillis(outcome));
        sink.putNumber(outcome.startedEpochMillis());
        sink.putText(outcome.requestId());
        sink.putText(outcome.upstreamRequestId());
        sink.putNumber(list);
        putName(sink, outcome.method());
        putName(sink, outcome.path());
        putName(sink, outcome.model());
        putName(
                sink,
                outcome.upstream().map(upstream -> upstream.backend().name()).orElse(""));
        putName(sink, outcome.upstreamModel().orElse(""));
        putName(sink, outcome.why());
        putName(sink, outcome.candidates().rule().orElse(""));
        sink.putFlag(outcome.candidates().panic());
        sink.putNanos(outcome.candidates().toleranceNanos());
        sink.putNumber(outcome.status());
        putName(sink, outcome.failure().orElse(""));
        sink.putFlag(outcome.retryDenied());
        List<AttemptRecord> attempts = outcome.attemptRecords();
        sink.putNumber(attempts.size());
        for (AttemptRecord attempt : attempts) {
            write(Try.of(attempt, outcome.candidates().list().get(attempt.place())));
        }
        sink.putNanos(outcome.firstByteNanos());
        sink.putNanos(outcome.firstTokenNanos());
        sink.putNanos(outcome.tokenNanos());
        sink.putNanos(outcome.totalNanos());
        sink.putNumber(outcome.requestBytes());
        sink.putNumber(outcome.responseBytes());
        sink.putNumber(outcome.usage().map(Usage::inputTokens).orElse(ProbeTimes.ABSENT));
        sink.putNumber(outcome.usage().map(Usage::outputTokens).orElse(ProbeTimes.ABSENT));
    }

    private void write(Try attempt) {
        ByteSink sink = decisionSink;
        putName(sink, attempt.name());
        sink.putByte(attempt.role().ordinal());
        putName(sink, attempt.why());
        putName(sink, attempt.end());
        sink.putNumber(attempt.inFlight());
        sink.putFlag(attempt.warm());
        sink.putNanos(attempt.costNanos());
        sink.putNanos(attempt.loadNanos());
        sink.putNanos(attempt.firstTokenNanos());
    }

    /** Writes the offset of a name's own entry; 0 and the text itself if it has none. */
    private void putName(ByteSink sink, String name) {
        Integer offset = nameOffsets.get(name);
        if (offset == null && nameOffsets.size() < MAX_NAMES) {
            nameSink.clear();
            nameSink.putText(name);
            int added = segment.append(Kind.NAME, nameSink);
            if (added > 0) {
                nameOffsets.put(name, added);
                offset = added;
            }
        }
        if (offset == null) {
            sink.putNumber(0);
            sink.putText(name);
        } else {
            sink.putNumber(offset);
        }
    }
}
