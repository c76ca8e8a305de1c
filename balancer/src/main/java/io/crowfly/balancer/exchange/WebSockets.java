package io.crowfly.balancer.exchange;

import io.netty.handler.codec.http.HttpHeaderNames;

/*
 * Two of the API's operations are WebSockets, and differ in where the model stands:
 *
 *   GET /v1/realtime?model=…    in the query: the whole handshake is between client and backend
 *   GET /v1/responses           in the first message, which comes only when somebody has answered the handshake: we do, and
 *                               make another one with the backend once we know it. The message is the request's body, so that
 *                               it is read, held, changed and sent again as any other
 */

/** What a client's wish for a WebSocket comes to, by where it asks. */
final class WebSockets {

    private WebSockets() {}

    /** @param path canonical, {@code /v1/…} */
    static RequestHead understood(RequestHead head, String path) {
        if (!head.asksForWebSocket() || path.equals("/v1/realtime")) {
            return head;
        } else if (path.equals("/v1/responses")) {
            return new RequestHead(
                    head.method(),
                    head.scheme(),
                    head.authority(),
                    head.target(),
                    head.headers(),
                    RequestHead.UNKNOWN_LENGTH,
                    false);
        }
        head.headers().remove(HttpHeaderNames.UPGRADE);
        return head;
    }
}
