package io.crowfly.balancer.exchange;

import io.crowfly.balancer.attempt.AttemptRecord;
import io.crowfly.balancer.attempt.Upstream;
import io.crowfly.balancer.content.response.Usage;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.probes.forecast.RequestClass;
import java.util.List;
import java.util.Optional;

/**
 * What became of one exchange, for metrics, the access log and the list of decisions.
 *
 * @param upstreamRequestId what the backend calls the request, for asking its people; empty where it did not say
 * @param path without its query, which may hold a key; cut short where it is long
 * @param requestClass its model is empty where the request named none, or not in time
 * @param candidates what there was to choose from, best first
 * @param upstream the backend that was tried last; absent where there was none to try
 * @param attemptRecords the attempts in their order, by their places among the candidates; an idle connection that turned out to be
 *     closed does not count as one
 * @param retryDenied whether one more would have been made if the retry budget had had room for it
 * @param why the choice fell as it did, in a few words
 * @param status of the answer; 499 where the client left before one began
 * @param failure what went wrong, in a few words; absent when the answer passed whole
 * @param clientLeft whether that was the client's doing: it did not wait for the end
 * @param truncated whether the answer was a token stream that ended in due form but without its last event
 * @param requestBytes and {@code responseBytes} of the bodies
 * @param startedEpochMillis when the request's head had been read
 * @param firstByteNanos from there to the answer's head; -1 where none came
 * @param firstTokenNanos from there to the first token of a stream; -1 where the answer was none, or none came
 * @param tokenNanos the mean time between the tokens of a stream that ended well; -1 for any other answer
 * @param usage what the backend says that the answer has cost; absent where it did not say
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
        boolean clientLeft,
        boolean truncated,
        long requestBytes,
        long responseBytes,
        long startedEpochMillis,
        long firstByteNanos,
        long firstTokenNanos,
        long tokenNanos,
        Optional<Usage> usage,
        long totalNanos) {

    /** The status that is noted for a client that left; it is never sent. */
    public static final int CLIENT_CLOSED_REQUEST = 499;

    private static final int MAX_PATH_CHARS = 1024;

    public Outcome {
        attemptRecords = List.copyOf(attemptRecords);
    }

    /** Empty where the request named none, or not in time. */
    public String model() {
        return requestClass.model();
    }

    /** The model by the name that the backend has for it, where clients have another one. */
    public Optional<String> upstreamModel() {
        return upstream.flatMap(selected -> selected.backend().models().backendName(model()))
                .filter(name -> !name.equals(model()) && !model().isEmpty());
    }

    /** How many backends were tried. */
    public int attempts() {
        return attemptRecords.size();
    }

    /** Whether a client that waited was failed, be it by a backend or by us. */
    public boolean isError() {
        return !clientLeft && (status >= 500 || status < 400 && failure.isPresent());
    }

    /** The path of a target, cut to {@value #LONGEST_PATH} characters. The query may hold anything, keys among it. */
    static String path(String target) {
        int query = target.indexOf('?');
        int end = Math.min(query < 0 ? target.length() : query, MAX_PATH_CHARS);
        return end == target.length() ? target : target.substring(0, end);
    }
}
