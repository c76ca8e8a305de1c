package io.crowfly.balancer.exchange;

import io.crowfly.balancer.attempt.AttemptRecord;
import io.crowfly.balancer.attempt.Upstream;
import io.crowfly.balancer.content.response.Usage;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.probes.forecast.RequestClass;
import java.util.List;
import java.util.Optional;

/**
 * Outcome of one exchange, for metrics, the access log and the list of decisions.
 *
 * @param upstreamRequestId the backend's own id of the request, for questions to its operator; empty if it sent none
 * @param path without the query, which may contain a key; truncated if it is long
 * @param requestClass has an empty model if the request named none, or the exchange ended before
 * @param candidates for the decision, best first
 * @param upstream the backend of the winner, or of the last attempt; empty if there was no attempt
 * @param attemptRecords the attempts in their order; an attempt on an idle connection that was already closed is not
 *     among them
 * @param retryDenied whether the retry budget prevented a retry
 * @param why reason for the last attempt, in a few words
 * @param status of the response; 499 if the client disconnected before it began
 * @param failure what failed, in a few words; empty if the response was complete
 * @param endedByClient whether the client ended the exchange, so that it is not an error
 * @param truncated whether a token stream ended properly in HTTP but without its last event
 * @param requestBytes and {@code responseBytes} of the bodies
 * @param startedEpochMillis time at which the request's head had been read
 * @param firstByteNanos from there to the response's head; -1 if none came
 * @param firstTokenNanos from there to the first token of a stream; -1 if the response is not a stream, or no token
 *     came
 * @param tokenNanos mean time between the tokens of a completed stream; -1 for other responses
 * @param usage token usage that the backend reported; empty if none
 * @param totalNanos from there to the end
 */
public record Outcome(
        String requestId,
        String upstreamRequestId,
        String client,
        String method,
        String path,
        RequestClass requestClass,
        Candidates candidates,
        Optional<Upstream> upstream,
        List<AttemptRecord> attemptRecords,
        boolean retryDenied,
        String why,
        int status,
        Optional<String> failure,
        boolean endedByClient,
        boolean truncated,
        long requestBytes,
        long responseBytes,
        long startedEpochMillis,
        long firstByteNanos,
        long firstTokenNanos,
        long tokenNanos,
        Optional<Usage> usage,
        long totalNanos) {

    /** The status that is recorded if the client disconnects before the response. It is never sent. */
    public static final int CLIENT_CLOSED_REQUEST = 499;

    private static final int MAX_PATH_CHARS = 1024;

    public Outcome {
        attemptRecords = List.copyOf(attemptRecords);
    }

    /** Returns the model; empty if the request named none, or the exchange ended before. */
    public String model() {
        return requestClass.model();
    }

    /** Returns the backend's own name of the model, if it differs from the client's. */
    public Optional<String> upstreamModel() {
        return upstream.flatMap(selected -> selected.backend().models().backendName(model()))
                .filter(name -> !name.equals(model()) && !model().isEmpty());
    }

    /** Returns the number of attempts. */
    public int attempts() {
        return attemptRecords.size();
    }

    /** Returns whether the exchange failed, by a backend or by Crowfly, while the client was still connected. */
    public boolean isError() {
        return !endedByClient && (status >= 500 || status < 400 && failure.isPresent());
    }

    /**
     * Returns the path of a target, truncated to {@value #MAX_PATH_CHARS} characters. The query is left out, because it
     * may contain a key.
     */
    static String path(String target) {
        int query = target.indexOf('?');
        int end = Math.min(query < 0 ? target.length() : query, MAX_PATH_CHARS);
        return end == target.length() ? target : target.substring(0, end);
    }
}
