package io.crowfly.balancer.exchange;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;

/** What becomes of a backend's head on its way to the client, beside what {@link HopByHop} takes out of it. */
final class AnswerHead {

    private static final AsciiString ALT_SVC = AsciiString.cached("alt-svc");

    private AnswerHead() {}

    /**
     * @param requestId one from the client through our logs and back: the backend's own stands beside it in the logs
     * @param ourCredential whether it answers one of ours
     * @param exhausted whether asking again would be of no use
     */
    static void finish(HttpHeaders headers, String requestId, boolean ourCredential, boolean exhausted) {
        // It tells of the backend's own ports, where our clients have no business.
        headers.remove(ALT_SVC);
        headers.set(RequestIds.HEADER, requestId);
        if (ourCredential) {
            // It is about what the client knows nothing of.
            headers.remove(HttpHeaderNames.WWW_AUTHENTICATE);
        }
        if (exhausted) {
            headers.set(ErrorAnswer.SHOULD_RETRY, ErrorAnswer.NO);
        }
    }
}
