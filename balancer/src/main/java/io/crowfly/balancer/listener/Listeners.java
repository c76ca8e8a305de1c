package io.crowfly.balancer.listener;

import io.crowfly.balancer.message.CorsPolicy;
import io.crowfly.balancer.transport.DirectMemory;
import io.crowfly.balancer.transport.Transport;
import io.crowfly.conf.BindAddress;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Listener;
import io.netty.handler.ssl.SslContext;
import io.netty.util.Mapping;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All listener sockets of the balancer, kept across reloads. A socket whose address stays in the conf is never closed,
 * so that no connection is refused. A new address is bound before an old one is closed. Calls must not overlap, and not
 * run on an event loop, unless a method says otherwise.
 */
public final class Listeners {

    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    /**
     * Identity of a socket: its address. If the kernel chooses the port, the name of the listener is part of the key
     * too.
     */
    private record SocketKey(BindAddress bind, String name) {}

    /** Time between two checks of the number of open connections, during a drain. */
    private static final long POLL_MILLIS = 10;

    private final Transport transport;
    private final DirectMemory memory;
    private final List<ListenerLoop> loops;
    private final HeadMemory headMemory = HeadMemory.ofJvm();
    private final ConnectionCount connections = new ConnectionCount();
    private volatile Map<SocketKey, ListenerSocket> sockets = Map.of();
    private Map<String, ListenerSocket> byName = Map.of();

    public Listeners(Transport transport, DirectMemory memory, List<ListenerLoop> loops) {
        this.transport = transport;
        this.memory = memory;
        this.loops = List.copyOf(loops);
    }

    /**
     * Listeners that are prepared for a conf: new sockets are bound but do not accept, and the existing sockets have
     * not changed.
     */
    public final class Prepared {

        private final Map<SocketKey, ListenerSocket> preparedSockets = new LinkedHashMap<>();
        private final Map<String, ListenerSocket> preparedByName = new HashMap<>();
        private final Map<ListenerSocket, ListenerSocket.Settings> settings = new HashMap<>();

        private Prepared(Conf conf) throws IOException {
            boolean succeeded = false;
            try {
                for (Listener listener : conf.listeners()) {
                    prepare(listener, conf);
                }
                succeeded = true;
            } finally {
                if (!succeeded) {
                    abandon();
                }
            }
        }

        private void prepare(Listener listener, Conf conf) throws IOException {
            Optional<Mapping<String, SslContext>> tls = listener.tls().isPresent()
                    ? Optional.of(ServerTls.contexts(listener.tls().get()))
                    : Optional.empty();
            ListenerSocket.Settings socketSettings = new ListenerSocket.Settings(
                    tls, conf.limits().headSize(), conf.limits().connections(), CorsPolicy.of(listener.cors()));
            SocketKey key = key(listener);
            ListenerSocket socket = sockets.get(key);
            if (socket == null) {
                socket = ListenerSocket.bind(
                        transport, memory, headMemory, loops, listener.bind(), socketSettings, connections);
            }
            preparedSockets.put(key, socket);
            preparedByName.put(listener.name(), socket);
            settings.put(socket, socketSettings);
        }

        /** Puts these listeners in force: new sockets accept, and sockets that the conf no longer has are closed. */
        public void commit() {
            settings.forEach(ListenerSocket::applySettings);
            Map<SocketKey, ListenerSocket> previousSockets = sockets;
            sockets = preparedSockets;
            byName = preparedByName;
            previousSockets.forEach((key, socket) -> {
                if (!preparedSockets.containsKey(key)) {
                    socket.close();
                }
            });
        }

        /** Closes the sockets that were bound only for this conf. For a reload that failed. */
        public void abandon() {
            preparedSockets.forEach((key, socket) -> {
                if (sockets.get(key) != socket) {
                    socket.close();
                }
            });
        }
    }

    /**
     * Prepares the listeners of a conf.
     *
     * @throws IOException if an address can't be bound or a certificate can't be used; then nothing has changed
     */
    public Prepared prepare(Conf conf) throws IOException {
        return new Prepared(conf);
    }

    private static SocketKey key(Listener listener) {
        boolean anyPort = listener.bind() instanceof BindAddress.Tcp tcp && tcp.port() == 0;
        return new SocketKey(listener.bind(), anyPort ? listener.name() : "");
    }

    /**
     * Returns the TCP port to which a listener is bound.
     *
     * @throws IllegalArgumentException if there is no such listener, or it is bound to a path
     */
    public int port(String listener) {
        ListenerSocket socket = byName.get(listener);
        if (socket == null || socket.port() < 0) {
            throw new IllegalArgumentException("no listener named " + listener + " has a port");
        }
        return socket.port();
    }

    /** Returns the number of open client connections. Callable from any thread. */
    public int connections() {
        return connections.open();
    }

    /**
     * Returns the number of client connections that were closed at once because of the connection limit. Callable from
     * any thread.
     */
    public long refusedConnections() {
        return connections.refused();
    }

    /**
     * Stops accepting connections, lets requests in progress finish, and closes each connection after its response.
     *
     * @return whether all connections were closed in time
     */
    public boolean drain(long timeoutNanos) throws InterruptedException {
        close();
        onEachConnection(ClientConnection::drain);
        return awaitNone(timeoutNanos);
    }

    /**
     * Lets another process that listens on the same addresses take over. For some time connections are still accepted,
     * because handshakes are in progress, and idle connections stay open, because a request may be on its way. Each
     * connection closes after its next response. Then this process drains.
     *
     * @param acceptNanos time for which connections are accepted; part of the timeout
     * @return whether all connections were closed in time
     */
    public boolean handOver(long acceptNanos, long timeoutNanos) throws InterruptedException {
        sockets.values().forEach(ListenerSocket::acceptForOneRequest);
        onEachConnection(ClientConnection::closeAfterNextResponse);
        TimeUnit.NANOSECONDS.sleep(acceptNanos);
        return drain(timeoutNanos - acceptNanos);
    }

    /**
     * Sends all new connections to this process, and none to another process on the same TCP addresses that bound them
     * before.
     *
     * @param others number of sockets that the other process has on each address
     * @return whether the kernel does so for all TCP addresses
     */
    public boolean divertNewConnections(int others) {
        return sockets.values().stream()
                .filter(socket -> socket.port() >= 0)
                .allMatch(socket -> socket.divertNewConnections(others));
    }

    /** Ends {@link #divertNewConnections}, after the other process has closed its sockets. */
    public void endDiversion() {
        sockets.values().stream().filter(socket -> socket.port() >= 0).forEach(ListenerSocket::endDiversion);
    }

    /**
     * Closes every client connection, also during requests. If a request has no response yet, a 503 is sent first; an
     * event stream gets an error event. Clients have up to the timeout to receive it. Then the remaining connections
     * are closed, and the method waits for their closes, again up to the timeout.
     */
    public void closeConnections(long timeoutNanos) throws InterruptedException {
        onEachConnection(ClientConnection::abortForShutdown);
        if (!awaitNone(timeoutNanos)) {
            onEachConnection(ClientConnection::close);
            awaitNone(timeoutNanos);
        }
    }

    private void onEachConnection(Consumer<ClientConnection> action) {
        for (ListenerLoop loop : loops) {
            try {
                loop.loop().execute(() -> loop.timeoutSweep().connections().forEach(action));
            } catch (RejectedExecutionException e) {
                // The loop has ended, and with it the service of its connections.
                LOG.warn("an event loop has ended; its connections are closed by the end of the process");
            }
        }
    }

    private boolean awaitNone(long timeoutNanos) throws InterruptedException {
        long deadline = System.nanoTime() + timeoutNanos;
        while (connections.open() > 0 && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        return connections.open() == 0;
    }

    /** Stops accepting connections on all sockets. */
    public void close() {
        sockets.values().forEach(ListenerSocket::close);
        sockets = Map.of();
    }
}
