package io.crowfly.balancer.attempt;

import io.crowfly.balancer.content.request.SpanEdit;
import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.message.BodyDigestHeaders;
import io.crowfly.balancer.message.ForwardedHeaders;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.RequestHead;
import io.crowfly.balancer.message.RequestIds;
import io.crowfly.balancer.message.Trailers;
import io.crowfly.balancer.provider.Dialect;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The client's request as one backend receives it: adapts head, body and trailers to the backend, and sends them. The
 * client's head stays unchanged for other attempts.
 */
final class UpstreamRequest {

    private final Request request;
    private final Upstream upstream;
    private final UpstreamStream stream;

    /** Edit that puts the backend's name of the model into the body; null if the body passes unchanged. */
    private final @Nullable SpanEdit edit;

    private boolean ended;
    private boolean flushed;

    UpstreamRequest(Request request, Upstream upstream, UpstreamStream stream) {
        this.request = request;
        this.upstream = upstream;
        this.stream = stream;
        edit = request.modelEdit(upstream.backend(), upstream.dialect()).orElse(null);
    }

    /**
     * Sends the head.
     *
     * @param credential credential to attach
     * @param client the client's address
     */
    void sendHead(AttachedCredential credential, String client) {
        stream.sendHead(head(credential, client));
    }

    private RequestHead head(AttachedCredential credential, String client) {
        RequestHead head = request.head;
        Dialect dialect = upstream.dialect();
        HttpHeaders headers = head.headers().copy();
        headers.set(RequestIds.HEADER, request.id);
        head.cors().removeFrom(headers);
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

    /** Sends a part of the body. Takes ownership of the data. */
    void sendBody(ByteBuf data) {
        if (edit == null) {
            stream.sendBody(data);
        } else {
            edit.apply(data, stream::sendBody);
        }
    }

    void sendEnd(HttpHeaders trailers) {
        ended = true;
        HttpHeaders allowed = EmptyHttpHeaders.INSTANCE;
        if (upstream.dialect().acceptsTrailers() && !trailers.isEmpty()) {
            allowed = Trailers.strip(trailers.copy());
            upstream.dialect().prepareTrailers(allowed);
            if (edit != null) {
                BodyDigestHeaders.removeFrom(allowed);
            }
        }
        stream.sendEnd(allowed);
    }

    /** Writes to the connection what was sent so far. */
    void flush() {
        flushed = true;
        stream.flush();
    }

    /** Returns whether the end of the request has been sent. */
    boolean isEnded() {
        return ended;
    }

    /** Returns whether a byte of the request may have been written to the connection. */
    boolean isFlushed() {
        return flushed;
    }
}
