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
 * Lettuce can reconnect by itself, but only after a first successful connection, and only if the kernel reports the end
 * of a connection. Crowfly must handle both other cases anyway: Redis is unreachable at start, or its machine
 * disappears without closing the connection. Therefore Lettuce's own reconnection is switched off, and this class
 * handles every case. Commands without a reply fail when their connection ends, and are not repeated.
 *
 * Lettuce brings its own transport, epoll or NIO, and cannot run on Netty 4.2's io_uring event loops. So it gets two
 * threads of its own, an event loop and the timer that Lettuce requires. These threads carry no bytes of requests.
 */

/**
 * Connection to the Redis server that holds shared owners. Opened again whenever it is closed or Redis no longer
 * replies. State changes only on the link's own event loop.
 */
final class RedisLink implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RedisLink.class);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

    /** Timeout of TLS, AUTH and other handshake steps. The creator of the URI must set it there. */
    static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(2);

    private static final long FIRST_DELAY_MILLIS = 50;
    private static final long MAX_DELAY_MILLIS = 1000;

    private static final long PING_MILLIS = 1000;

    /**
     * After this number of pings without a reply, the connection is closed. Pings are sent every {@link #PING_MILLIS}.
     */
    private static final int MAX_PENDING_PINGS = 3;

    /**
     * Maximum number of commands without a reply, a few hundred bytes each. A Redis with more pending commands cannot
     * reply in time.
     */
    private static final int MAX_COMMANDS = 4096;

    private final RedisURI uri;
    private final Runnable onConnected;
    private final Runnable onPing;

    private final DefaultEventLoopGroupProvider loops;
    private final EventExecutor loop;
    private final ClientResources resources;
    private final RedisClient client;

    private volatile @Nullable StatefulRedisConnection<String, String> connection;
    private volatile int pendingPings;

    private long delayMillis = FIRST_DELAY_MILLIS;
    private boolean unreachable;
    private boolean closed;

    /**
     * Starts to connect in the background.
     *
     * @param onConnected runs on the link's loop whenever a connection is established
     * @param onPing runs on the link's loop every second while connected
     */
    RedisLink(RedisURI uri, Runnable onConnected, Runnable onPing) {
        this.uri = uri;
        this.onConnected = onConnected;
        this.onPing = onPing;
        ThreadFactoryProvider threads = pool -> new DefaultThreadFactory("crowfly-redis", true);
        loops = new DefaultEventLoopGroupProvider(1, threads);
        EventLoopGroup group = loops.allocate(Transports.eventLoopGroupClass());
        loop = group.next();
        resources = ClientResources.builder()
                .threadFactoryProvider(threads)
                .eventLoopGroupProvider(loops)
                .eventExecutorGroup(group)
                // The JDK's resolver blocks, but only this loop, which has nothing else to do while it connects.
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
                loop.execute(() -> onDisconnected(ended, "the connection was closed"));
            }
        });
        loop.execute(this::open);
        loop.scheduleAtFixedRate(this::ping, PING_MILLIS, PING_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Returns the commands of the current connection; empty while there is no connection. One volatile read. */
    Optional<RedisAsyncCommands<String, String>> commands() {
        StatefulRedisConnection<String, String> current = connection;
        return current == null ? Optional.empty() : Optional.of(current.async());
    }

    /** Returns whether Redis is connected and has replied to all pings, except perhaps the last one. */
    boolean reachable() {
        return connection != null && pendingPings <= 1;
    }

    private void open() {
        if (!closed) {
            client.connectAsync(StringCodec.UTF8, uri)
                    .whenCompleteAsync((opened, failure) -> onOpened(opened, failure), loop);
        }
    }

    private void onOpened(@Nullable StatefulRedisConnection<String, String> opened, @Nullable Throwable failure) {
        if (opened == null) {
            logUnreachable(failure == null ? "" : reason(failure));
            scheduleReconnect();
        } else if (closed) {
            opened.closeAsync();
        } else {
            log.info("state: connected to Redis at {}:{}", uri.getHost(), uri.getPort());
            unreachable = false;
            delayMillis = FIRST_DELAY_MILLIS;
            pendingPings = 0;
            connection = opened;
            onConnected.run();
        }
    }

    private void scheduleReconnect() {
        if (!closed) {
            loop.schedule(this::open, delayMillis, TimeUnit.MILLISECONDS);
            delayMillis = Math.min(2 * delayMillis, MAX_DELAY_MILLIS);
        }
    }

    private void ping() {
        StatefulRedisConnection<String, String> current = connection;
        if (current == null) {
            return;
        }
        if (pendingPings == MAX_PENDING_PINGS) {
            onDisconnected(current, "no reply for " + PING_MILLIS * MAX_PENDING_PINGS + " ms");
            return;
        }
        pendingPings++;
        current.async().ping().thenRun(() -> pendingPings = 0);
        onPing.run();
    }

    private void onDisconnected(Object ended, String cause) {
        StatefulRedisConnection<String, String> current = connection;
        if (current == null || current != ended) {
            return;
        }
        connection = null;
        current.closeAsync();
        logUnreachable(cause);
        scheduleReconnect();
    }

    /** Logs that Redis is unreachable: once per outage, not for every attempt to connect. */
    private void logUnreachable(String cause) {
        if (!unreachable && !closed) {
            unreachable = true;
            log.warn(
                    "state: Redis at {}:{} is unreachable ({}); requests use only the owners that this instance knows",
                    uri.getHost(),
                    uri.getPort(),
                    cause);
        }
    }

    /**
     * Returns the cause for the log, without the text that Redis sends after its error code. That text may quote a
     * rejected command, for example the password of an AUTH.
     */
    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = String.valueOf(root.getMessage());
        return root instanceof RedisCommandExecutionException ? message.split(" ", 2)[0] : message;
    }

    /** Closes the connection. Does not wait for the end of its threads, which are daemon threads. */
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
