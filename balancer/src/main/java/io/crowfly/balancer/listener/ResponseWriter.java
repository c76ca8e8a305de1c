package io.crowfly.balancer.listener;

import io.crowfly.balancer.message.CorsPolicy;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.message.SpliceTarget;
import io.crowfly.balancer.transport.Splice;
import io.crowfly.balancer.transport.TunnelCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writer of the responses on one HTTP/1.1 client connection. The request's method and protocol version decide how the
 * end of a response is marked. A failed write is reported through the pipeline as an exception, so that no write needs
 * its own promise. Confined to the connection's event loop.
 */
final class ResponseWriter {

    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;

    private final Channel channel;
    private final ResponseEncoder encoder;
    private final Supplier<CorsPolicy> corsPolicies;
    private CorsPolicy cors = CorsPolicy.NONE;
    private String origin = "";
    private boolean http11 = true;
    private boolean headRequest;
    private @Nullable FirstMessageHandler firstMessageHandler;

    /** Whether the response has neither a length nor chunks, so that only the close of the connection marks its end. */
    private boolean endsByClosing;

    /** @param corsPolicies supplies the policy in force, once for each request */
    ResponseWriter(Channel channel, ResponseEncoder encoder, Supplier<CorsPolicy> corsPolicies) {
        this.channel = channel;
        this.encoder = encoder;
        this.corsPolicies = corsPolicies;
    }

    /** Starts the response to a request: all later writes belong to this response. */
    void startResponseTo(HttpRequest request) {
        http11 = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
        headRequest = request.method().equals(HttpMethod.HEAD);
        cors = corsPolicies.get();
        origin = cors.originOf(request.headers());
        encoder.setResponseToHead(headRequest);
    }

    /** Starts the response to a request of which neither method nor version is known. */
    void startResponseToIncompleteHead() {
        http11 = true;
        headRequest = false;
        cors = corsPolicies.get();
        origin = "";
        encoder.setResponseToHead(false);
    }

    /** Returns the policy for the current request. */
    CorsPolicy cors() {
        return cors;
    }

    /** Whether the client supports 1xx responses. */
    boolean supportsInterimResponses() {
        return http11;
    }

    void writeInterim(ResponseHead head) {
        // A full response with an empty body is written, because otherwise the encoder expects the end of a body before
        // the next head.
        write(new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(head.status()),
                Unpooled.EMPTY_BUFFER,
                head.headers(),
                EmptyHttpHeaders.INSTANCE));
        channel.flush();
    }

    /**
     * Turns the connection into a tunnel: from now on reads and writes belong to another protocol. The end of the
     * tunnel ends the connection.
     */
    void switchProtocols(ResponseHead head) {
        if (firstMessageHandler != null) {
            firstMessageHandler.becomeTunnel();
            return;
        }
        writeSwitchingProtocols(head);
        channel.pipeline().remove(encoder);
        channel.pipeline().replace(RequestDecoder.class, null, new TunnelCodec());
    }

    private void writeSwitchingProtocols(ResponseHead head) {
        head.headers().remove(HttpHeaderNames.CONTENT_LENGTH);
        head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        head.headers().set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
        writeInterim(head);
    }

    /**
     * Accepts a WebSocket before a backend is connected, so that the client sends its first message. A response that is
     * written later is sent as an error event, unless {@link #switchProtocols} is called first.
     */
    void acceptWebSocket(ResponseHead head, int maxBytes, LongPredicate memoryLimit) {
        writeSwitchingProtocols(head);
        firstMessageHandler = new FirstMessageHandler(maxBytes, memoryLimit);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.replace(encoder, null, firstMessageHandler);
        pipeline.addBefore(pipeline.context(RequestDecoder.class).name(), null, new WebSocket13FrameEncoder(false));
        pipeline.replace(RequestDecoder.class, null, firstMessageHandler.decoder());
    }

    /**
     * Writes the head of a response.
     *
     * @param mayKeepAlive whether the connection may be used for another request
     * @return whether it will be used for another request. Never if only its close marks the end of the response, as
     *     for an HTTP/1.0 client and a response without a length
     */
    boolean writeHead(ResponseHead head, boolean mayKeepAlive) {
        HttpHeaders headers = head.headers();
        boolean withoutBody = headRequest || head.status() == NO_CONTENT || head.status() == NOT_MODIFIED;
        boolean withoutLength = !withoutBody && !headers.contains(HttpHeaderNames.CONTENT_LENGTH);
        endsByClosing = withoutLength && !http11;
        if (withoutLength && http11) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        boolean keepAlive = mayKeepAlive && !endsByClosing;
        if (!keepAlive) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (!http11) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
        cors.applyTo(headers, origin);
        write(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(head.status()), headers));
        return keepAlive;
    }

    /** Writes a piece of the body. Takes ownership of the data. */
    void writeBody(ByteBuf data) {
        write(data);
    }

    /** Returns the connection, if the kernel may transfer the rest of the body to it. */
    Optional<SpliceTarget> spliceTarget(IntConsumer onPassed) {
        return Splice.isSupported(channel) ? Optional.of(new SpliceTarget(channel, onPassed)) : Optional.empty();
    }

    void writeEnd(HttpHeaders trailers) {
        if (http11 && !trailers.isEmpty()) {
            LastHttpContent lastContent = new DefaultLastHttpContent();
            lastContent.trailingHeaders().set(trailers);
            write(lastContent);
        } else {
            write(LastHttpContent.EMPTY_LAST_CONTENT);
        }
        channel.flush();
    }

    private void write(Object message) {
        channel.write(message, channel.voidPromise());
    }

    /** Closes the connection in such a way that the client recognises the response as incomplete. */
    void closeIncomplete() {
        if (endsByClosing) {
            // A plain close would mark the response as complete.
            reset();
        } else {
            // Data that was already written is sent first, because it may end with an error event. The missing end of
            // the body shows that the response is incomplete.
            closeWhenSent();
        }
    }

    /** Closes the connection with a reset. Crowfly and the kernel drop the data that the client has not read. */
    void reset() {
        // A linger time of 0 makes close() send a reset.
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        channel.close();
    }

    /** Closes the connection after all written data was passed to the kernel. */
    void closeWhenSent() {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
}
