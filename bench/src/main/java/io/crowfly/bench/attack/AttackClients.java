package io.crowfly.bench.attack;

import io.crowfly.balancer.transport.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Hostile clients of one kind. A connection that is closed is replaced, so that their number stays the same. All kinds
 * share one thread, to which everything but the construction is confined.
 */
abstract class AttackClients {

    /** Of all clients, good ones included. */
    static final Transport TRANSPORT = Transport.choose();

    private static final int STEPS_PER_SECOND = 100;

    /** Long enough that a balancer that refuses connections is not flooded by this machine's kernel. */
    private static final long RECONNECT_MILLIS = 200;

    /**
     * Connections from one source address. A closed connection keeps its port for a minute, and an address has 28,000
     * ports.
     */
    private static final int CONNECTIONS_PER_ADDRESS = 500;

    private static final String NO_RESPONSE = "none";
    private static final Pattern STATUS = Pattern.compile("^HTTP/1\\.1 (\\d{3})");

    final EventLoop loop;
    private final String name;
    private final int count;
    private final int addressBlock;
    private final int opensPerStep;
    private final Bootstrap bootstrap;

    /** The open connections, with the time at which they were opened. */
    private final Map<Channel, Long> open = new LinkedHashMap<>();

    /** The numbers of the connections that are to be opened. */
    private final ArrayDeque<Integer> toOpen = new ArrayDeque<>();

    private final Map<String, Long> responses = new TreeMap<>();
    private long opened;
    private long closed;
    private long notOpened;
    private long longestNanos;
    private boolean stopped;

    /**
     * @param addressBlock a number from 1, different for each kind, from which the source addresses are made
     * @param opensPerSecond limit of the connections that are opened in a second
     */
    AttackClients(String name, int count, int addressBlock, int opensPerSecond, EventLoop loop, int port) {
        this.name = name;
        this.count = count;
        this.addressBlock = addressBlock;
        opensPerStep = Math.max(1, opensPerSecond / STEPS_PER_SECOND);
        this.loop = loop;
        bootstrap = new Bootstrap()
                .group(loop)
                .channel(TRANSPORT.socket())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_REUSEADDR, true)
                .remoteAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** A new connection is open. */
    abstract void onOpen(Channel channel);

    /** A connection has been closed, by either side. */
    void onClosed(Channel channel) {}

    /** The attack is over. */
    void onStop() {}

    /** Starts to open the connections. */
    final void start() {
        loop.execute(() -> {
            IntStream.range(0, count).forEach(toOpen::add);
            openSome();
        });
    }

    private void openSome() {
        for (int i = 0; i < opensPerStep && !toOpen.isEmpty() && !stopped; i++) {
            connect(toOpen.poll());
        }
        if (!stopped) {
            loop.schedule(this::openSome, TimeUnit.SECONDS.toMillis(1) / STEPS_PER_SECOND, TimeUnit.MILLISECONDS);
        }
    }

    private void connect(int number) {
        bootstrap
                .clone()
                .localAddress(sourceAddress(number))
                .handler(new Connection(number))
                .connect()
                .addListener(result -> {
                    if (!result.isSuccess()) {
                        notOpened++;
                        reconnect(number);
                    }
                });
    }

    private InetSocketAddress sourceAddress(int number) {
        byte[] address = {127, (byte) addressBlock, 0, (byte) (1 + number / CONNECTIONS_PER_ADDRESS)};
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), 0);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private void reconnect(int number) {
        if (!stopped) {
            loop.schedule(() -> toOpen.add(number), RECONNECT_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    static void send(Channel channel, String text) {
        channel.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII), channel.voidPromise());
    }

    /**
     * The figures of the connections of one kind.
     *
     * @param opened connections that were opened
     * @param closed connections that were closed before the end of the attack
     * @param notOpened connections that could not be opened
     * @param longestSeconds longest life of a connection, open ones included
     * @param responses number of closed connections by the status of the first response; {@code none} for those
     *     without a response
     */
    record Figures(
            String name,
            int count,
            long opened,
            long closed,
            long notOpened,
            double longestSeconds,
            Map<String, Long> responses) {}

    final Figures figures() throws IOException, InterruptedException {
        return call(() -> {
            long now = System.nanoTime();
            long longest = longestNanos;
            for (long openedNanos : open.values()) {
                longest = Math.max(longest, now - openedNanos);
            }
            return new Figures(name, count, opened, closed, notOpened, longest / 1e9, new TreeMap<>(responses));
        });
    }

    /** Closes all connections, and opens no more. */
    final void stop() throws IOException, InterruptedException {
        call(() -> {
            stopped = true;
            onStop();
            open.keySet().stream().toList().forEach(Channel::close);
            return true;
        });
    }

    final <T> T call(Callable<T> work) throws IOException, InterruptedException {
        try {
            return loop.submit(work).get();
        } catch (ExecutionException e) {
            throw new IOException(name + " failed: " + e.getCause(), e.getCause());
        }
    }

    /** One connection: keeps the figures. */
    private final class Connection extends ChannelInboundHandlerAdapter {

        private final int number;
        private String firstResponse = NO_RESPONSE;

        Connection(int number) {
            this.number = number;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            opened++;
            open.put(ctx.channel(), System.nanoTime());
            if (stopped) {
                ctx.close(); // it was opened while the attack ended
                return;
            }
            onOpen(ctx.channel());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf data = (ByteBuf) message;
            if (firstResponse.equals(NO_RESPONSE)) {
                Matcher matcher = STATUS.matcher(data.toString(StandardCharsets.ISO_8859_1));
                firstResponse = matcher.find() ? matcher.group(1) : "unreadable";
            }
            data.release();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            long openedNanos = open.remove(ctx.channel());
            onClosed(ctx.channel());
            if (!stopped) {
                longestNanos = Math.max(longestNanos, System.nanoTime() - openedNanos);
                closed++;
                responses.merge(firstResponse, 1L, Long::sum);
                reconnect(number);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
