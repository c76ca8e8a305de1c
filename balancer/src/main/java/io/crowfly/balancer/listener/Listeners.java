package io.crowfly.balancer.listener;

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
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * All listeners, carried from one conf to the next. A socket whose address stays in the conf is never closed, so that no
 * connection is refused; a new address is bound before an old one is given up. One thread at a time, and no event loop.
 */
public final class Listeners {

    /** What makes two listeners the same socket: its address, and for the kernel's choice of a port the name too. */
    private record SocketKey(BindAddress bind, String name) {}

    /** Between two looks at how many connections are left. */
    private static final long POLL_MILLIS = 10;

    private final Transport transport;
    private final List<ListenerLoop> loops;
    private final ConnectionCount connections = new ConnectionCount();
    private Map<SocketKey, ListenerSocket> sockets = Map.of();
    private Map<String, ListenerSocket> byName = Map.of();

    public Listeners(Transport transport, List<ListenerLoop> loops) {
        this.transport = transport;
        this.loops = List.copyOf(loops);
    }

    /** Listeners that have been prepared for a conf: new sockets are bound, and nothing that was there has changed. */
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
                    tls, conf.limits().headSize(), conf.limits().connections());
            SocketKey key = key(listener);
            ListenerSocket socket = sockets.get(key);
            if (socket == null) {
                socket = ListenerSocket.bind(transport, loops, listener.bind(), socketSettings, connections);
            }
            preparedSockets.put(key, socket);
            preparedByName.put(listener.name(), socket);
            settings.put(socket, socketSettings);
        }

        /** Makes these the ones in force. */
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

        /** Gives up what was bound for this conf alone. */
        public void abandon() {
            preparedSockets.forEach((key, socket) -> {
                if (sockets.get(key) != socket) {
                    socket.close();
                }
            });
        }
    }

    /**
     * Makes ready for a conf.
     *
     * @throws IOException if an address can't be bound or a certificate can't be used; nothing has changed then
     */
    public Prepared prepare(Conf conf) throws IOException {
        return new Prepared(conf);
    }

    private static SocketKey key(Listener listener) {
        boolean anyPort = listener.bind() instanceof BindAddress.Tcp tcp && tcp.port() == 0;
        return new SocketKey(listener.bind(), anyPort ? listener.name() : "");
    }

    /**
     * The port that a listener is bound to.
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

    /** Client connections that are open. Any thread. */
    public int connections() {
        return connections.open();
    }

    /** Client connections that were closed at once, there being too many. Any thread. */
    public long refusedConnections() {
        return connections.refused();
    }

    /**
     * Stops accepting, lets requests under way finish, and closes each connection after its answer.
     *
     * @return whether all were gone in time
     */
    public boolean drain(long timeoutNanos) throws InterruptedException {
        close();
        onEachConnection(ClientConnection::drain);
        return awaitNone(timeoutNanos);
    }

    /**
     * Closes every connection of a client, whatever is under way on it. A request without an answer gets a 503 first, and a
     * stream of events an error event, and its client as long as the timeout to take it; then, and for no longer than the same
     * again, waits for the last ones to close.
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
            loop.loop().execute(() -> loop.timeoutSweep().connections().forEach(action));
        }
    }

    private boolean awaitNone(long timeoutNanos) throws InterruptedException {
        long deadline = System.nanoTime() + timeoutNanos;
        while (connections.open() > 0 && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        return connections.open() == 0;
    }

    /** Stops accepting. */
    public void close() {
        sockets.values().forEach(ListenerSocket::close);
        sockets = Map.of();
    }
}
