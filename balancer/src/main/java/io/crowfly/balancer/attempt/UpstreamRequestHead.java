package io.crowfly.balancer.attempt;

import io.crowfly.balancer.content.request.SpanEdit;
import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.message.BodyDigestHeaders;
import io.crowfly.balancer.message.ForwardedHeaders;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.RequestHead;
import io.crowfly.balancer.message.RequestIds;
import io.crowfly.balancer.provider.Dialect;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** Makes the head that one backend gets of the one that the client sent, which other attempts may need as it came. */
final class UpstreamRequestHead {

    private UpstreamRequestHead() {}

    /**
     * @param credential what the backend is to see as credential
     * @param edit what becomes of the body on its way to it, if anything
     * @param client the client's address
     */
    static RequestHead create(
            Request request, Upstream upstream, AttachedCredential credential, @Nullable SpanEdit edit, String client) {
        RequestHead head = request.head;
        Dialect dialect = upstream.dialect();
        HttpHeaders headers = head.headers().copy();
        headers.set(RequestIds.HEADER, request.id);
        ForwardedHeaders.addTo(headers, head, client);
        if (request.needsResponseInspection()) {
            // Clients' libraries take compressed answers, and of those nothing could be learned.
            headers.set(HttpHeaderNames.ACCEPT_ENCODING, HttpHeaderValues.IDENTITY);
        }
        long length = head.contentLength();
        if (edit != null) {
            BodyDigestHeaders.removeFrom(headers);
            if (length != RequestHead.UNKNOWN_LENGTH) {
                length += edit.delta();
                headers.set(HttpHeaderNames.CONTENT_LENGTH, length);
            }
        }
        dialect.prepareHeaders(headers, credential);
        return new RequestHead(
                head.method(),
                head.scheme(),
                dialect.authority(),
                dialect.target(request.target, request.modelAt(upstream.backend())),
                headers,
                length,
                false);
    }
}
