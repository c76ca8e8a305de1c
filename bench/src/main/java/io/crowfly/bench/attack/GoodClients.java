package io.crowfly.bench.attack;

import io.crowfly.bench.load.Wrk;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/*
 * At a fixed rate, each connection has its own schedule. If a response comes after the next request was due, the
 * latency of that next request counts from the moment when it was due. Otherwise a balancer that stops for a second
 * would have one late response per connection in place of all that were due in that second.
 */

/**
 * Ordinary clients: each sends one chat completion after the other over a persistent connection. All of them share one
 * thread, which also keeps the figures.
 */
final class GoodClients implements AutoCloseable {

    /** Far longer than any response takes. */
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(20);

    private static final long RECONNECT_MILLIS = 20;
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;

    /** Errors with status 503 that do not mean that a limit of memory was reached. */
    private static final List<String> OTHER_REASONS =
            List.of("no_healthy_backend", "shutting_down", "state_unavailable");

    private final EventLoop loop;
    private final Bootstrap bootstrap;
    private final ByteBuf request;
    private final List<Client> clients = new ArrayList<>();
    private final long startNanos = System.nanoTime();
    private final LatencyTimeline timeline = new LatencyTimeline(startNanos);
    private final Map<String, Long> lost = new TreeMap<>();
    private long refused;

    /** Time between two requests of a client; 0 for full speed. */
    private long intervalNanos;

    private boolean closing;

    private GoodClients(EventLoop loop, int port) {
        this.loop = loop;
        String body = Wrk.modelFirst();
        request = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body,
                StandardCharsets.US_ASCII));
        bootstrap = new Bootstrap()
                .group(loop)
                .channel(AttackClients.TRANSPORT.socket())
                .option(ChannelOption.TCP_NODELAY, true)
                .remoteAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Starts clients at full speed: each sends the next request when it has the response to the last one. */
    static GoodClients start(EventLoop loop, int port, int count) throws IOException, InterruptedException {
        GoodClients good = new GoodClients(loop, port);
        good.call(() -> {
            for (int i = 0; i < count; i++) {
                Client client = new Client(good);
                good.clients.add(client);
                client.connect();
            }
            loop.scheduleAtFixedRate(good::checkTimeouts, 1, 1, TimeUnit.SECONDS);
            return count;
        });
        return good;
    }

    /** Lets each client send the next request when it has the response to the last one. */
    void setFullSpeed() throws IOException, InterruptedException {
        call(() -> intervalNanos = 0);
    }

    /** Sets the rate of all clients together. */
    void setRate(double requestsPerSecond) throws IOException, InterruptedException {
        call(() -> {
            intervalNanos = (long) (TimeUnit.SECONDS.toNanos(1) * clients.size() / requestsPerSecond);
            long now = System.nanoTime();
            for (int i = 0; i < clients.size(); i++) {
                clients.get(i).dueNanos = now + intervalNanos * i / clients.size();
            }
            return intervalNanos;
        });
    }

    /**
     * What became of the requests without a good response.
     *
     * @param lost by the reason
     * @param refused requests that got a 503 because a limit of memory was reached
     */
    record Losses(Map<String, Long> lost, long refused) {

        long count() {
            return lost.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    Losses losses() throws IOException, InterruptedException {
        return call(() -> new Losses(Map.copyOf(lost), refused));
    }

    /** Returns the {@link System#nanoTime} at which second 0 began. */
    long startNanos() {
        return startNanos;
    }

    /** Returns the number of the present second. */
    int second() {
        return timeline.second(System.nanoTime());
    }

    /** Returns the figures of a span of seconds; {@code to} does not belong to the span. */
    LatencyTimeline.Span span(int from, int to) throws IOException, InterruptedException {
        return call(() -> timeline.span(from, to));
    }

    private <T> T call(Callable<T> work) throws IOException, InterruptedException {
        try {
            return loop.submit(work).get();
        } catch (ExecutionException e) {
            throw new IOException("the good clients failed: " + e.getCause(), e.getCause());
        }
    }

    private void checkTimeouts() {
        long now = System.nanoTime();
        for (Client client : clients) {
            client.checkTimeout(now);
        }
    }

    private void lose(String reason) {
        if (!closing) {
            lost.merge(reason, 1L, Long::sum);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        call(() -> {
            closing = true;
            clients.forEach(Client::disconnect);
            return true;
        });
    }

    /** One client with its present connection. */
    private static final class Client {

        private final GoodClients good;
        private @Nullable Channel channel;
        private boolean waiting;
        private long sinceNanos;
        private long dueNanos;
        private int status;
        private String error = "";

        Client(GoodClients good) {
            this.good = good;
        }

        void connect() {
            good.bootstrap
                    .clone()
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel opened) {
                            opened.pipeline().addLast(new HttpResponseDecoder(), new Connection(Client.this));
                        }
                    })
                    .connect()
                    .addListener(result -> {
                        if (!result.isSuccess()) {
                            good.lose("connection refused");
                            reconnect();
                        }
                    });
        }

        private void reconnect() {
            channel = null;
            if (!good.closing) {
                good.loop.schedule(this::connect, RECONNECT_MILLIS, TimeUnit.MILLISECONDS);
            }
        }

        void disconnect() {
            if (channel != null) {
                channel.close();
            }
        }

        private void onConnected(Channel opened) {
            channel = opened;
            sendWhenDue(System.nanoTime());
        }

        private void sendWhenDue(long nowNanos) {
            if (good.intervalNanos == 0) {
                send(nowNanos);
            } else if (dueNanos <= nowNanos) {
                send(dueNanos);
            } else {
                // A late timer is not the balancer's fault, so the latency counts from the moment of sending.
                good.loop.schedule(() -> send(System.nanoTime()), dueNanos - nowNanos, TimeUnit.NANOSECONDS);
            }
        }

        private void send(long since) {
            if (channel == null || waiting) {
                return;
            }
            dueNanos += good.intervalNanos;
            sinceNanos = since;
            waiting = true;
            channel.writeAndFlush(good.request.duplicate(), channel.voidPromise());
        }

        private void onMessage(Object message) {
            if (message instanceof HttpResponse response) {
                status = response.status().code();
                error = "";
            }
            if (message instanceof HttpContent content && status != OK) {
                error += content.content().toString(StandardCharsets.US_ASCII);
            }
            ReferenceCountUtil.release(message);
            if (message instanceof LastHttpContent && status >= OK) {
                onResponse();
            }
        }

        private void onResponse() {
            long now = System.nanoTime();
            waiting = false;
            if (status == OK) {
                good.timeline.record(now, now - sinceNanos);
            } else if (status == UNAVAILABLE && OTHER_REASONS.stream().noneMatch(error::contains)) {
                good.refused++;
            } else {
                good.lose("status " + status);
            }
            sendWhenDue(now);
        }

        void checkTimeout(long nowNanos) {
            if (waiting && nowNanos - sinceNanos > TIMEOUT_NANOS) {
                waiting = false;
                good.lose("no response");
                disconnect();
            }
        }

        private void onDisconnected() {
            if (waiting) {
                waiting = false;
                good.lose("connection closed");
            }
            reconnect();
        }
    }

    /** Passes the events of one connection to its client. */
    private static final class Connection extends ChannelInboundHandlerAdapter {

        private final Client client;

        Connection(Client client) {
            this.client = client;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            client.onConnected(ctx.channel());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            client.onMessage(message);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            client.onDisconnected();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
