package io.crowfly.balancer.exchange;

import io.crowfly.balancer.routing.Candidates;
import java.util.Optional;

/**
 * What became of one exchange, for metrics, the access log and the list of decisions.
 *
 * @param upstreamRequestId what the backend calls the request, for asking its people; empty where it did not say
 * @param path without its query, which may hold a key; cut short where it is long
 * @param model empty where the request named none, or not in time
 * @param candidates what there was to choose from, best first
 * @param upstream the backend that was tried last; absent where there was none to try
 * @param attempts how many connections were tried
 * @param why the choice fell as it did, in a few words
 * @param status of the answer; 499 where the client left before one began
 * @param failure what went wrong, in a few words; absent when the answer passed whole
 * @param clientLeft whether that was the client's doing: it did not wait for the end
 * @param requestBytes and {@code responseBytes} of the bodies
 * @param startedEpochMillis when the request's head had been read
 * @param firstByteNanos from there to the answer's head; -1 where none came
 * @param totalNanos from there to the end
 */
public record Outcome(
        String requestId,
        String upstreamRequestId,
        String client,
        String method,
        String path,
        String model,
        Candidates candidates,
        Optional<Upstream> upstream,
        int attempts,
        String why,
        int status,
        Optional<String> failure,
        boolean clientLeft,
        long requestBytes,
        long responseBytes,
        long startedEpochMillis,
        long firstByteNanos,
        long totalNanos) {

    /** The status that is noted for a client that left; it is never sent. */
    public static final int CLIENT_CLOSED_REQUEST = 499;

    private static final int LONGEST_PATH = 1024;

    /** Whether a client that waited was failed, be it by a backend or by us. */
    public boolean isError() {
        return !clientLeft && (status >= 500 || status < 400 && failure.isPresent());
    }

    /** The path of a target, cut to {@value #LONGEST_PATH} characters. The query may hold anything, keys among it. */
    static String path(String target) {
        int query = target.indexOf('?');
        int end = Math.min(query < 0 ? target.length() : query, LONGEST_PATH);
        return end == target.length() ? target : target.substring(0, end);
    }
}
