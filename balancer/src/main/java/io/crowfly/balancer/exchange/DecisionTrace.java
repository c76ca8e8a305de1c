package io.crowfly.balancer.exchange;

import io.crowfly.balancer.attempt.Attempt;
import io.crowfly.balancer.attempt.AttemptRecord;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.BackendSnapshot.Health;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Locale;
import java.util.Optional;

/**
 * Response headers {@code x-crowfly-backend} and {@code x-crowfly-decision}, which show the selected backend and the
 * candidates. Clients receive these headers. So they contain names and figures only, and no text from backends or
 * resolvers; the page {@code /decisions} has those texts.
 */
final class DecisionTrace {

    private static final AsciiString BACKEND = AsciiString.cached("x-crowfly-backend");
    private static final AsciiString DECISION = AsciiString.cached("x-crowfly-decision");

    /**
     * Maximum number of candidates in the header. The best ones explain the decision, and the selected one is always
     * included.
     */
    private static final int MAX_CANDIDATES = 5;

    /**
     * Length after which no further candidate is added, except the selected one. Some proxies and clients limit the
     * size of heads. With one more candidate the text stays below 600 bytes.
     */
    private static final int LONG_TEXT_CHARS = 450;

    private static final double NANOS_PER_TENTH_OF_MILLI = 1e5;

    private DecisionTrace() {}

    /** Adds the headers to a backend's response. */
    static void addTo(HttpHeaders headers, Candidates candidates, Attempt winner) {
        AttemptRecord chosen = winner.record(false);
        headers.set(BACKEND, winner.upstream().backend().name());
        headers.set(DECISION, text(chosen.why(), candidates, chosen.place(), chosen.inFlight()));
    }

    /**
     * Adds the decision to an error of Crowfly: the outcome of the last attempt, or that no attempt was made. The
     * header {@code x-crowfly-backend} is absent, because the response is not a backend's. Without candidates, nothing
     * is added.
     */
    static void addTo(HttpHeaders headers, Candidates candidates, Optional<Attempt> last) {
        if (last.isPresent()) {
            AttemptRecord attempt = last.get().record(false);
            String name = last.get().upstream().backend().name();
            String beginning = attempt.why() + "; " + name + ": " + attempt.outcome();
            headers.set(DECISION, text(beginning, candidates, attempt.place(), attempt.inFlight()));
        } else if (!candidates.list().isEmpty()) {
            headers.set(DECISION, text("no backend available", candidates, Chooser.NONE, 0));
        }
    }

    /**
     * Returns the value of {@code x-crowfly-decision}.
     *
     * @param place index of the selected candidate, or {@link Chooser#NONE}
     */
    private static String text(String beginning, Candidates candidates, int place, long inFlight) {
        StringBuilder text = new StringBuilder(beginning);
        if (candidates.rule().isPresent()) {
            text.append("; rule ").append(candidates.rule().get());
        }
        int size = candidates.list().size();
        int shown = 0;
        for (int i = 0; i < size; i++) {
            boolean hasSpace = shown < MAX_CANDIDATES && text.length() < LONG_TEXT_CHARS;
            if (hasSpace || i == place) {
                text.append(shown == 0 ? "; " : ", ");
                append(text, candidates, i, i == place ? inFlight : 0);
                shown++;
            }
        }
        if (shown < size) {
            text.append(", ").append(size - shown).append(" more");
        }
        return text.toString();
    }

    private static void append(StringBuilder text, Candidates candidates, int place, long inFlight) {
        Candidate candidate = candidates.list().get(place);
        text.append(candidate.snapshot().backend().name()).append('=');
        if (!candidates.isOpen(place)) {
            text.append(unavailability(candidate));
            return;
        }
        double tenths = candidate.cost().plannedNanos() / NANOS_PER_TENTH_OF_MILLI;
        text.append(Math.round(tenths) / 10.0).append("ms (");
        text.append(candidate.forecast().prediction().basis().name().toLowerCase(Locale.ROOT));
        text.append(", ").append(Math.round(candidate.share() * 100)).append('%');
        if (inFlight > 0) {
            text.append(", ").append(inFlight).append(" in flight");
        }
        text.append(')');
    }

    private static String unavailability(Candidate candidate) {
        BackendSnapshot snapshot = candidate.snapshot();
        if (snapshot.ejected()) {
            return "ejected";
        } else if (snapshot.health() != Health.HEALTHY) {
            return snapshot.health().name().toLowerCase(Locale.ROOT);
        }
        return candidate.model().isEjected() ? "model ejected" : "parked";
    }
}
