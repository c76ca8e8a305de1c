package io.crowfly.balancer.exchange;

import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.probes.Standing;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Locale;

/** Says in the answer's headers which backend was chosen and what it was chosen from. */
final class DecisionTrace {

    private static final AsciiString BACKEND = AsciiString.cached("x-crowfly-backend");
    private static final AsciiString DECISION = AsciiString.cached("x-crowfly-decision");

    private DecisionTrace() {}

    static void addTo(HttpHeaders headers, Candidates candidates, int chosen, String why) {
        headers.set(BACKEND, candidates.list().get(chosen).standing().backend().name());
        StringBuilder decision = new StringBuilder(why);
        String separator = "; ";
        for (Candidate candidate : candidates.list()) {
            Standing standing = candidate.standing();
            decision.append(separator).append(standing.backend().name()).append('=');
            if (standing.latencyNanos() < 0) {
                decision.append("unknown");
            } else {
                decision.append(String.format(Locale.ROOT, "%.1fms", standing.latencyNanos() / 1e6));
            }
            separator = ", ";
        }
        headers.set(DECISION, decision.toString());
    }
}
