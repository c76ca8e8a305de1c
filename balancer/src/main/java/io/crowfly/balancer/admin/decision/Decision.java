package io.crowfly.balancer.admin.decision;

import io.crowfly.balancer.attempt.AttemptRecord;
import io.crowfly.balancer.exchange.Outcome;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Cost;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.ProbeTimes;
import java.util.List;

/**
 * One decision for operators: the request, the candidates with their figures, the attempts and the outcome. Empty texts
 * and {@link ProbeTimes#ABSENT} stand for what is unknown. Times are in nanoseconds.
 *
 * @param chosen backend of the last attempt or of the winner
 * @param rule name of the routing rule that restricts the request
 * @param candidates at most {@link DecisionRecorder#MAX_CANDIDATES}, best first
 * @param inputTokens {@link ProbeTimes#ABSENT} if the backend reported none
 */
public record Decision(
        long endedEpochMillis,
        long startedEpochMillis,
        String requestId,
        String upstreamRequestId,
        String method,
        String path,
        String model,
        String chosen,
        String upstreamModel,
        String why,
        String rule,
        boolean panic,
        long toleranceNanos,
        List<Option> candidates,
        int status,
        String failure,
        boolean retryDenied,
        List<Try> tried,
        long firstByteNanos,
        long firstTokenNanos,
        long tokenNanos,
        long totalNanos,
        long requestBytes,
        long responseBytes,
        long inputTokens,
        long outputTokens) {

    /**
     * One candidate, with its figures for the request's class and size.
     *
     * @param known whether there is a forecast; if not, its parts are not shown
     * @param loadNanos part of the cost that the load adds
     */
    public record Option(
            String name,
            int tier,
            Health health,
            boolean open,
            String note,
            double failureShare,
            double share,
            Prediction.Basis basis,
            boolean known,
            long latencyNanos,
            long networkNanos,
            double uncertainty,
            long costNanos,
            double load,
            long loadNanos) {

        static Option of(Candidate candidate, boolean open) {
            Cost cost = candidate.cost();
            Prediction prediction = candidate.predictionAt((long) cost.plannedInFlight());
            boolean known = prediction.known();
            return new Option(
                    candidate.snapshot().backend().name(),
                    candidate.snapshot().backend().tier(),
                    candidate.snapshot().health(),
                    open,
                    candidate.note(),
                    candidate.model().failureShare(),
                    candidate.share(),
                    prediction.basis(),
                    known,
                    prediction.medianNanos(),
                    known ? prediction.networkNanos() : ProbeTimes.ABSENT,
                    known ? prediction.uncertainty() : 0,
                    (long) cost.plannedNanos(),
                    cost.plannedInFlight(),
                    (long) (cost.plannedNanos() - cost.singleNanos()));
        }
    }

    /**
     * One attempt.
     *
     * @param inFlight 0 if the request was not sent
     */
    public record Try(
            String name,
            AttemptRecord.Role role,
            String why,
            String end,
            long inFlight,
            boolean warm,
            long costNanos,
            long loadNanos,
            long firstTokenNanos) {

        static Try of(AttemptRecord attempt, Candidate candidate) {
            Cost cost = candidate.cost();
            boolean sent = attempt.inFlight() > 0;
            double nanos = sent ? cost.nanosAt(attempt.inFlight()) : 0;
            return new Try(
                    candidate.snapshot().backend().name(),
                    attempt.role(),
                    attempt.why(),
                    attempt.outcome(),
                    attempt.inFlight(),
                    attempt.warm(),
                    sent ? (long) nanos : ProbeTimes.ABSENT,
                    sent ? (long) (nanos - cost.singleNanos()) : ProbeTimes.ABSENT,
                    attempt.firstTokenNanos());
        }
    }

    /** Returns when an exchange ended, in milliseconds since the epoch. */
    static long endedEpochMillis(Outcome outcome) {
        return outcome.startedEpochMillis() + outcome.totalNanos() / 1_000_000;
    }
}
