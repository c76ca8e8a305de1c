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

/**
 * Factory of the request head that is sent to one backend: copies the client's head and adapts it. The client's head
 * stays unchanged for other attempts.
 */
final class UpstreamRequestHead {

    private UpstreamRequestHead() {}

    /**
     * Returns the head for the backend.
     *
     * @param credential credential to attach
     * @param edit change of the body; null if the body passes unchanged
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
            // Client libraries accept compressed responses, which Crowfly could not scan.
            headers.set(HttpHeaderNames.ACCEPT_ENCODING, HttpHeaderValues.IDENTITY);
        }
        if (request.declaresJson()) {
            headers.set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
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
