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

/** What is noted of one exchange as it goes, and what that comes to at its end. Begins when it is made. Confined to a loop. */
final class ExchangeRecorder {

    private final long startedEpochMillis = System.currentTimeMillis();
    private final long startedNanos = System.nanoTime();

    private int status = Outcome.CLIENT_CLOSED_REQUEST;
    private String upstreamRequestId = "";
    private long firstByteNanos = -1;
    private long responseBytes;
    private boolean clientLeft;

    long startedNanos() {
        return startedNanos;
    }

    /** A backend answers. The head must be as it came. */
    void onHead(ResponseHead response) {
        status = response.status();
        upstreamRequestId = Telemetry.requestIds(response.headers());
        firstByteNanos = System.nanoTime() - startedNanos;
    }

    /** We answer. */
    void onLocalHead(int withStatus) {
        status = withStatus;
    }

    /** The data stays the caller's. */
    void onBody(ByteBuf data) {
        responseBytes += data.readableBytes();
    }

    void onLocalBody(int bytes) {
        responseBytes += bytes;
    }

    /** However it ends now, it is nobody's fault but the client's, and no error. */
    void onClientLeft() {
        clientLeft = true;
    }

    /** Whether client and backend speak another protocol, which we don't follow. */
    boolean switchedProtocols() {
        return status == ResponseHead.SWITCHING_PROTOCOLS;
    }

    /** @param attempts absent where it was never known where the request goes */
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
                clientLeft,
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
