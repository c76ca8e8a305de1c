package io.crowfly.balancer.listener;

import io.crowfly.balancer.message.ResponseHead;
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
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Writes answers to one HTTP/1.1 client, framed as the request and the protocol's version allow. A write that fails comes
 * back through the pipeline as an exception; no promise is made for each. Confined to its connection's loop.
 */
final class ResponseWriter {

    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;

    private final Channel channel;
    private final ResponseEncoder encoder;
    private boolean http11 = true;
    private boolean headRequest;
    private @Nullable FirstMessageHandler firstMessageHandler;

    /** Whether nothing but the close of the connection tells the client that the answer is whole. */
    private boolean endsByClosing;

    ResponseWriter(Channel channel, ResponseEncoder encoder) {
        this.channel = channel;
        this.encoder = encoder;
    }

    /** What is written from now on answers this request. */
    void startResponseTo(HttpRequest request) {
        http11 = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
        headRequest = request.method().equals(HttpMethod.HEAD);
        encoder.setResponseToHead(headRequest);
    }

    /** Whether the client knows 1xx answers. */
    boolean supportsInterimResponses() {
        return http11;
    }

    void writeInterim(ResponseHead head) {
        // Full, though it has no body: the encoder would wait for the end of one before it takes the next head.
        write(new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(head.status()),
                Unpooled.EMPTY_BUFFER,
                head.headers(),
                EmptyHttpHeaders.INSTANCE));
        channel.flush();
    }

    /** From here on what is written is another protocol's, as is what is read; its end is the end of ours, too. */
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

    /** What is read from here on is a message, and then waits for the {@link #switchProtocols switch}; what is written is an error. */
    void acceptWebSocket(ResponseHead head, int maxBytes, LongPredicate memoryLimit) {
        writeSwitchingProtocols(head);
        firstMessageHandler = new FirstMessageHandler(maxBytes, memoryLimit);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.replace(encoder, null, firstMessageHandler);
        pipeline.addBefore(pipeline.context(RequestDecoder.class).name(), null, new WebSocket13FrameEncoder(false));
        pipeline.replace(RequestDecoder.class, null, firstMessageHandler.decoder());
    }

    /**
     * @param mayKeepAlive whether the connection may be used for another request
     * @return whether it can: an HTTP/1.0 client learns of some answers' end by the close only
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
        write(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(head.status()), headers));
        return keepAlive;
    }

    /** Takes ownership of the data. */
    void writeBody(ByteBuf data) {
        write(data);
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

    /** Closes so that what was written can't be taken for a whole answer. */
    void closeIncomplete() {
        if (endsByClosing) {
            // A reset, since a plain close would make a whole answer of it.
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.close();
        } else {
            // What has been written says more than the break: the error in a stream of events.
            closeWhenSent();
        }
    }

    /** Closes once all that was written has gone to the kernel. */
    void closeWhenSent() {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
}
