package io.crowfly.balancer.exchange;

import io.crowfly.balancer.content.SpanEdit;
import io.crowfly.balancer.credential.Shown;
import io.crowfly.balancer.provider.Dialect;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** Makes the head that one backend gets of the one that the client sent, which other attempts may need as it came. */
final class UpstreamHead {

    private UpstreamHead() {}

    /**
     * @param shown what the backend is to see as credential
     * @param edit what becomes of the body on its way to it, if anything
     * @param client the client's address
     */
    static RequestHead of(Request request, Upstream upstream, Shown shown, @Nullable SpanEdit edit, String client) {
        RequestHead head = request.head;
        Dialect dialect = upstream.dialect();
        HttpHeaders headers = head.headers().copy();
        headers.set(RequestIds.HEADER, request.id);
        Forwarded.addTo(headers, head, client);
        if (request.answerTellsSomething()) {
            // Clients' libraries take compressed answers, and of those nothing could be learned.
            headers.set(HttpHeaderNames.ACCEPT_ENCODING, HttpHeaderValues.IDENTITY);
        }
        long length = head.contentLength();
        if (edit != null) {
            BodyDigests.removeFrom(headers);
            if (length != RequestHead.UNKNOWN_LENGTH) {
                length += edit.delta();
                headers.set(HttpHeaderNames.CONTENT_LENGTH, length);
            }
        }
        dialect.prepare(headers, shown);
        return new RequestHead(
                head.method(),
                head.scheme(),
                dialect.authority(),
                dialect.target(request.target, request.modelAt(upstream)),
                headers,
                length,
                false);
    }
}
