package io.crowfly.balancer.affinity;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultEventLoopGroupProvider;
import io.lettuce.core.resource.ThreadFactoryProvider;
import io.lettuce.core.resource.Transports;
import io.netty.channel.EventLoopGroup;
import io.netty.resolver.DefaultAddressResolverGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * Lettuce can reconnect by itself, but only a connection that was once there, and only one whose end the kernel tells of. Both
 * other cases have to be seen to anyway (Redis is away when we start; the machine it ran on is gone without a word), and
 * then one way of doing it is better than two: its own is switched off. What was asked and not answered when a connection
 * ends has failed; nothing is asked again behind our back.
 *
 * Lettuce brings its transport with it, epoll or NIO; it can't run on event loops of io_uring as Netty 4.2 has them. So it
 * gets two threads of its own, a loop and the clock that it insists on, and moves no request's bytes.
 */

/** A connection to Redis, opened again whenever it ends or falls silent. Its state changes on its own loop only. */
final class RedisLink implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RedisLink.class);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

    /** Of TLS, AUTH and the like, as the URI has to say it. */
    static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(2);

    private static final long FIRST_DELAY_MILLIS = 50;
    private static final long MAX_DELAY_MILLIS = 1000;

    private static final long PING_MILLIS = 1000;

    /** A Redis that takes longer than that, in {@link #PING_MILLIS}, is stuck, or is no longer at the other end. */
    private static final int MAX_UNANSWERED_PINGS = 3;

    /** Commands whose answers are awaited; some hundred bytes each. A Redis that is this far behind answers nobody in time. */
    private static final int MAX_COMMANDS = 4096;

    private final RedisURI uri;
    private final Runnable onOpen;
    private final Runnable onPing;

    private final DefaultEventLoopGroupProvider loops;
    private final EventExecutor loop;
    private final ClientResources resources;
    private final RedisClient client;

    private volatile @Nullable StatefulRedisConnection<String, String> connection;
    private volatile int unansweredPings;

    private long delayMillis = FIRST_DELAY_MILLIS;
    private boolean away;
    private boolean closed;

    /**
     * Opens in the background.
     *
     * @param onOpen told on the link's loop whenever there is a connection where there was none
     * @param onPing told on the link's loop every second while there is one
     */
    RedisLink(RedisURI uri, Runnable onOpen, Runnable onPing) {
        this.uri = uri;
        this.onOpen = onOpen;
        this.onPing = onPing;
        ThreadFactoryProvider threads = pool -> new DefaultThreadFactory("crowfly-redis", true);
        loops = new DefaultEventLoopGroupProvider(1, threads);
        EventLoopGroup group = loops.allocate(Transports.eventLoopGroupClass());
        loop = group.next();
        resources = ClientResources.builder()
                .threadFactoryProvider(threads)
                .eventLoopGroupProvider(loops)
                .eventExecutorGroup(group)
                // The JDK's blocks, but only this loop, which has nothing else to do while it connects.
                .addressResolverGroup(DefaultAddressResolverGroup.INSTANCE)
                .build();
        client = RedisClient.create(resources);
        client.setOptions(ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(MAX_COMMANDS)
                .socketOptions(
                        SocketOptions.builder().connectTimeout(CONNECT_TIMEOUT).build())
                .build());
        client.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> ended) {
                loop.execute(() -> onEnd(ended, "it has closed the connection"));
            }
        });
        loop.execute(this::open);
        loop.scheduleAtFixedRate(this::ping, PING_MILLIS, PING_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** What can be asked now; absent while there is no connection. One volatile read. */
    Optional<RedisAsyncCommands<String, String>> commands() {
        StatefulRedisConnection<String, String> now = connection;
        return now == null ? Optional.empty() : Optional.of(now.async());
    }

    /** Whether Redis has answered a moment ago. */
    boolean reachable() {
        return connection != null && unansweredPings <= 1;
    }

    private void open() {
        if (!closed) {
            client.connectAsync(StringCodec.UTF8, uri)
                    .whenCompleteAsync((opened, failure) -> onOpened(opened, failure), loop);
        }
    }

    private void onOpened(@Nullable StatefulRedisConnection<String, String> opened, @Nullable Throwable failure) {
        if (opened == null) {
            tellAway(failure == null ? "" : reason(failure));
            openLater();
        } else if (closed) {
            opened.closeAsync();
        } else {
            log.info("state: Redis at {}:{} answers", uri.getHost(), uri.getPort());
            away = false;
            delayMillis = FIRST_DELAY_MILLIS;
            unansweredPings = 0;
            connection = opened;
            onOpen.run();
        }
    }

    private void openLater() {
        if (!closed) {
            loop.schedule(this::open, delayMillis, TimeUnit.MILLISECONDS);
            delayMillis = Math.min(2 * delayMillis, MAX_DELAY_MILLIS);
        }
    }

    private void ping() {
        StatefulRedisConnection<String, String> now = connection;
        if (now == null) {
            return;
        }
        if (unansweredPings == MAX_UNANSWERED_PINGS) {
            onEnd(now, "it has not answered for " + PING_MILLIS * MAX_UNANSWERED_PINGS + " ms");
            return;
        }
        unansweredPings++;
        now.async().ping().thenRun(() -> unansweredPings = 0);
        onPing.run();
    }

    private void onEnd(Object ended, String why) {
        StatefulRedisConnection<String, String> now = connection;
        if (now == null || now != ended) {
            return;
        }
        connection = null;
        now.closeAsync();
        tellAway(why);
        openLater();
    }

    /** Once, not with every attempt. */
    private void tellAway(String why) {
        if (!away && !closed) {
            away = true;
            log.warn(
                    "state: Redis at {}:{} is away ({}); requests go on with what this instance knows",
                    uri.getHost(),
                    uri.getPort(),
                    why);
        }
    }

    /** Without what Redis says beyond its code: it may quote what it did not understand, the password of an AUTH for example. */
    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = String.valueOf(root.getMessage());
        return root instanceof RedisCommandExecutionException ? message.split(" ", 2)[0] : message;
    }

    /** Doesn't wait for the end of its threads, which are daemons. */
    @Override
    public void close() {
        loop.execute(() -> {
            closed = true;
            connection = null;
        });
        client.shutdownAsync(0, 2, TimeUnit.SECONDS).whenComplete((done, failure) -> {
            resources.shutdown(0, 2, TimeUnit.SECONDS);
            loops.shutdown(0, 2, TimeUnit.SECONDS);
        });
    }
}
