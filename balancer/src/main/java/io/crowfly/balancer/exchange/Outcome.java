package io.crowfly.balancer.exchange;

import io.crowfly.balancer.attempt.AttemptRecord;
import io.crowfly.balancer.attempt.Upstream;
import io.crowfly.balancer.content.response.Usage;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.probes.forecast.RequestClass;
import java.util.List;
import java.util.Optional;

/**
 * Outcome and figures of one exchange, for metrics, the access log and the page {@code /decisions}.
 *
 * @param upstreamRequestId the backend's own id of the request, for questions to the backend's operator; empty if the
 *     backend sent none
 * @param path without the query, which may contain a key; truncated if it is long
 * @param requestClass its model is empty if the request named none, or the exchange ended before the model was known
 * @param candidates candidates of the routing decision, best first
 * @param upstream the backend of the winner, or of the last attempt; empty if there was no attempt
 * @param attemptRecords the attempts in their order; an attempt on an idle connection that was already closed is not
 *     among them
 * @param retryDenied whether the retry budget prevented a retry
 * @param why reason for the last attempt, in a few words
 * @param status status of the response; 499 if the client disconnected before the response began
 * @param failure what failed, in a few words; empty if the response was complete
 * @param endedByClient whether the client ended the exchange, so that it is not an error
 * @param truncated whether a token stream was complete for HTTP, but without its last event
 * @param requestBytes bytes of the request's body
 * @param responseBytes bytes of the response's body
 * @param startedEpochMillis time at which the request's head had been read
 * @param firstByteNanos from the request's head to the response's head; -1 if none was received
 * @param firstTokenNanos from the request's head to the first token of a stream; -1 if the response is not a stream, or
 *     no token was received
 * @param tokenNanos mean time between the tokens of a completed stream; -1 for other responses
 * @param usage token usage that the backend reported; empty if none
 * @param totalNanos from the request's head to the end of the exchange
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

    /** Status that is recorded, but never sent, if the client disconnects before the response. */
    public static final int CLIENT_CLOSED_REQUEST = 499;

    private static final int MAX_PATH_CHARS = 1024;

    public Outcome {
        attemptRecords = List.copyOf(attemptRecords);
    }

    /** Returns the model; empty if the request named none, or the exchange ended before the model was known. */
    public String model() {
        return requestClass.model();
    }

    /** Returns the backend's name of the model; empty if it is the same as the client's name. */
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
