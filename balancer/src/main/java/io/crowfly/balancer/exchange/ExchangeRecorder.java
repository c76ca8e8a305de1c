package io.crowfly.balancer.exchange;

import io.crowfly.balancer.attempt.Attempt;
import io.crowfly.balancer.attempt.AttemptObserver;
import io.crowfly.balancer.attempt.Attempts;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.provider.Telemetry;
import io.crowfly.balancer.routing.Candidates;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Recorder that collects the figures of one exchange (status, bytes, times) and turns them into an {@link Outcome} at
 * its end. The clock starts with the constructor. Confined to the exchange's event loop.
 */
final class ExchangeRecorder {

    private final long startedEpochMillis = System.currentTimeMillis();
    private final long startedNanos = System.nanoTime();

    private int status = Outcome.CLIENT_CLOSED_REQUEST;
    private String upstreamRequestId = "";
    private long firstByteNanos = -1;
    private long responseBytes;
    private boolean endedByClient;

    long startedNanos() {
        return startedNanos;
    }

    /** Records the head of a backend's response. Call before Crowfly changes its headers. */
    void onHead(ResponseHead response) {
        status = response.status();
        upstreamRequestId = Telemetry.requestIds(response.headers());
        if (firstByteNanos < 0) {
            firstByteNanos = System.nanoTime() - startedNanos;
        }
    }

    /** Records the head of a token stream that Crowfly sends before any attempt has a token. */
    void onEarlyHead() {
        status = 200;
        firstByteNanos = System.nanoTime() - startedNanos;
    }

    /** Records the status of a response that Crowfly itself creates. */
    void onLocalHead(int withStatus) {
        status = withStatus;
    }

    /** Counts the data. The caller keeps the ownership of the data. */
    void onBody(ByteBuf data) {
        responseBytes += data.readableBytes();
    }

    void onLocalBody(int bytes) {
        responseBytes += bytes;
    }

    /** Records that the client ended the exchange, so that it does not count as an error. */
    void onEndedByClient() {
        endedByClient = true;
    }

    /**
     * Returns whether client and backend have switched to another protocol (WebSocket), whose data Crowfly does not
     * read.
     */
    boolean switchedProtocols() {
        return status == ResponseHead.SWITCHING_PROTOCOLS;
    }

    /**
     * Returns the outcome at the end of the exchange.
     *
     * @param attempts null if the exchange ended before an attempt was started
     * @param failure what failed, in a few words; empty if the response was complete
     */
    Outcome finish(Request request, String client, @Nullable Attempts attempts, Optional<String> failure) {
        Optional<Attempt> last = attempts == null ? Optional.empty() : attempts.winnerOrLast();
        AttemptObserver observer = last.isPresent() ? last.get().observer() : null;
        return new Outcome(
                request.id,
                upstreamRequestId,
                client,
                request.head.method().name(),
                Outcome.path(request.head.target()),
                request.requestClass(),
                attempts == null ? Candidates.NONE : attempts.selection().candidates(),
                last.map(Attempt::upstream),
                attempts == null ? List.of() : attempts.records(),
                attempts != null && attempts.retryDenied(),
                last.isPresent() ? last.get().why() : "",
                status,
                failure,
                endedByClient,
                observer != null && failure.isEmpty() && observer.isTruncated(),
                request.bytes(),
                responseBytes,
                startedEpochMillis,
                firstByteNanos,
                observer != null && observer.isTokenSeen() ? observer.firstTokenNanos() - startedNanos : -1,
                observer == null ? -1 : observer.tokenNanos(),
                observer == null ? Optional.empty() : observer.usage(),
                System.nanoTime() - startedNanos);
    }
}
