package io.crowfly.balancer.message;

import io.netty.handler.codec.http.HttpHeaderNames;

/*
 * Two of the API's operations are WebSockets. They differ in the place of the model:
 *
 *   GET /v1/realtime?model=…    in the query: the handshake passes between client and backend
 *   GET /v1/responses           in the first message, which clients send only after the handshake. So Crowfly completes
 *                               the handshake with the client, and makes another one with the backend when that is
 *                               selected. The first message is the request's body: it is read, held, edited and
 *                               retried like any body
 */

/**
 * Interpretation of WebSocket requests by their path: decides whether the first message is the request's body. For
 * other paths, which have no WebSocket, the upgrade is ignored.
 */
final class WebSocketRequests {

    private WebSocketRequests() {}

    /**
     * Returns the head that the exchange uses. May change the headers of {@code head}.
     *
     * @param path canonical, {@code /v1/…}
     */
    static RequestHead interpret(RequestHead head, String path) {
        if (!head.requestsWebSocket() || path.equals("/v1/realtime")) {
            return head;
        } else if (path.equals("/v1/responses")) {
            return new RequestHead(
                    head.method(),
                    head.scheme(),
                    head.authority(),
                    head.target(),
                    head.headers(),
                    head.nominated(),
                    RequestHead.UNKNOWN_LENGTH,
                    false,
                    head.cors());
        }
        head.headers().remove(HttpHeaderNames.UPGRADE);
        return head;
    }
}
