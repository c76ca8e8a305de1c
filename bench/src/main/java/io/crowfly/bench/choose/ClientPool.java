package io.crowfly.bench.choose;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/*
 * The JDK's HTTP client is not used, because it retries by itself after a broken connection, and needs more CPU time
 * per request than the balancer.
 */

/**
 * HTTP client of {@code bench choose}: sends requests to a port of 127.0.0.1 over a pool of persistent connections, one
 * for each request in flight. Safe for use by several threads.
 */
final class ClientPool implements AutoCloseable {

    /** Begin of an error event in a stream. A stream with such an event is not complete. */
    private static final String ERROR = "data: {\"error\"";

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Bootstrap bootstrap;

    /** Used on the event loop only. */
    private final Deque<Connection> idle = new ArrayDeque<>();

    /** Used on the event loop only. */
    private long lastId;

    ClientPool(int port) {
        bootstrap = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .remoteAddress(InetAddress.getLoopbackAddress(), port)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new HttpClientCodec(), new Connection());
                    }
                });
    }

    /**
     * Sends a request over an idle or a new connection.
     *
     * @param done receives the result of a success or a failure, on the thread of the pool
     */
    void send(ClientRequest request, Consumer<CallResult> done) {
        loop.execute(() -> {
            Connection connection = idle.pollFirst();
            if (connection == null) {
                connect(request, done);
            } else {
                connection.send(request, done);
            }
        });
    }

    private void connect(ClientRequest request, Consumer<CallResult> done) {
        long startedNanos = System.nanoTime();
        ChannelFuture connecting = bootstrap.connect();
        connecting.addListener(connected -> {
            if (connected.isSuccess()) {
                connecting.channel().pipeline().get(Connection.class).send(request, done);
            } else {
                done.accept(new CallResult(request, startedNanos, 0, System.nanoTime(), 0, "", false));
            }
        });
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Connection that sends the next request after the response to the previous one. */
    private final class Connection extends SimpleChannelInboundHandler<HttpObject> {

        private @Nullable ChannelHandlerContext context;
        private @Nullable ClientRequest request;
        private Consumer<CallResult> done = call -> {};
        private long sentNanos;
        private long headNanos;
        private int status;
        private String backend = "";
        private boolean errorEvent;

        @Override
        public void handlerAdded(ChannelHandlerContext added) {
            context = added;
        }

        void send(ClientRequest next, Consumer<CallResult> whenDone) {
            request = next;
            done = whenDone;
            sentNanos = System.nanoTime();
            headNanos = 0;
            status = 0;
            backend = "";
            errorEvent = false;
            if (context != null) {
                context.writeAndFlush(request(context, next)).addListener(written -> {
                    if (!written.isSuccess() && context != null) {
                        context.close();
                    }
                });
            }
        }

        private DefaultFullHttpRequest request(ChannelHandlerContext of, ClientRequest next) {
            ByteBuf body = ByteBufUtil.writeAscii(of.alloc(), next.body());
            DefaultFullHttpRequest request =
                    new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, next.path(), body);
            request.headers()
                    .set(HttpHeaderNames.HOST, "localhost")
                    .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
                    .set(ClientRequest.KIND_HEADER, next.kind())
                    .set(ClientRequest.ID_HEADER, ++lastId);
            next.headers().forEach((name, value) -> request.headers().set(name, value));
            HttpUtil.setContentLength(request, body.readableBytes());
            return request;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
            if (part.decoderResult().isFailure()) {
                ctx.close();
                return;
            }
            if (part instanceof HttpResponse response) {
                headNanos = System.nanoTime() - sentNanos;
                status = response.status().code();
                backend = response.headers().get("x-crowfly-backend", "");
            }
            if (part instanceof HttpContent content && status == 200) {
                errorEvent |=
                        content.content().toString(StandardCharsets.US_ASCII).contains(ERROR);
            }
            if (part instanceof LastHttpContent) {
                finish(!errorEvent);
                idle.addFirst(this);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            idle.remove(this);
            finish(false);
        }

        private void finish(boolean complete) {
            if (request != null) {
                CallResult call =
                        new CallResult(request, sentNanos, headNanos, System.nanoTime(), status, backend, complete);
                request = null;
                done.accept(call);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // The failure is recorded when the channel becomes inactive.
            ctx.close();
        }
    }
}
