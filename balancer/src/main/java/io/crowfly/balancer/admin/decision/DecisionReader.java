package io.crowfly.balancer.admin.decision;

import io.crowfly.balancer.admin.decision.Decision.Option;
import io.crowfly.balancer.admin.decision.Decision.Try;
import io.crowfly.balancer.attempt.AttemptRecord;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.forecast.Prediction;
import java.util.ArrayList;
import java.util.List;

/** Reader of the decisions of one segment, in the format of {@link DecisionRecorder}. */
final class DecisionReader {

    private static final Health[] HEALTHS = Health.values();
    private static final Prediction.Basis[] BASES = Prediction.Basis.values();
    private static final AttemptRecord.Role[] ROLES = AttemptRecord.Role.values();

    private final Segment segment;

    DecisionReader(Segment segment) {
        this.segment = segment;
    }

    /** Returns when the decision's exchange ended. */
    long endedEpochMillis(int offset) {
        return segment.at(offset).getNumber();
    }

    /** Returns whether this is the request's id at the client or at the backend. */
    boolean hasId(int offset, String id) {
        ByteSource source = segment.at(offset);
        source.getNumber();
        source.getNumber();
        return source.getText().equals(id)
                || List.of(source.getText().split(" ")).contains(id);
    }

    Decision read(int offset) {
        ByteSource source = segment.at(offset);
        long ended = source.getNumber();
        long started = source.getNumber();
        String requestId = source.getText();
        String upstreamRequestId = source.getText();
        int list = (int) source.getNumber();
        return new Decision(
                ended,
                started,
                requestId,
                upstreamRequestId,
                name(source),
                name(source),
                name(source),
                name(source),
                name(source),
                name(source),
                name(source),
                source.getFlag(),
                source.getNanos(),
                list == 0 ? List.of() : candidates(segment.at(list)),
                (int) source.getNumber(),
                name(source),
                source.getFlag(),
                attempts(source),
                source.getNanos(),
                source.getNanos(),
                source.getNanos(),
                source.getNanos(),
                source.getNumber(),
                source.getNumber(),
                source.getNumber(),
                source.getNumber());
    }

    private List<Option> candidates(ByteSource source) {
        int count = (int) source.getNumber();
        List<Option> candidates = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            candidates.add(new Option(
                    name(source),
                    (int) source.getNumber(),
                    HEALTHS[source.getByte()],
                    source.getFlag(),
                    source.getText(),
                    source.getShare(),
                    source.getShare(),
                    BASES[source.getByte()],
                    source.getFlag(),
                    source.getNanos(),
                    source.getNanos(),
                    source.getShare(),
                    source.getNanos(),
                    source.getShare(),
                    source.getNanos()));
        }
        return candidates;
    }

    private List<Try> attempts(ByteSource source) {
        int count = (int) source.getNumber();
        List<Try> attempts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            attempts.add(new Try(
                    name(source),
                    ROLES[source.getByte()],
                    name(source),
                    name(source),
                    source.getNumber(),
                    source.getFlag(),
                    source.getNanos(),
                    source.getNanos(),
                    source.getNanos()));
        }
        return attempts;
    }

    private String name(ByteSource source) {
        int offset = (int) source.getNumber();
        return offset == 0 ? source.getText() : segment.at(offset).getText();
    }
}
