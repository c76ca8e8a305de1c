package io.crowfly.balancer.testbed;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/**
 * A backend that runs a script on every connection. Probes ({@code GET /probe}) get no response and are not counted,
 * nor are connections without input. Therefore the health of the backend stays undecided, and backends are chosen in
 * the order of the conf.
 */
public final class TestBackend implements AutoCloseable {

    /**
     * Behaviour of a backend on one connection. The script may read and write, and the connection is closed after it.
     */
    public interface ConnectionScript {
        void run(RawConnection peer) throws Exception;
    }

    private final ServerSocket server;
    private final ConnectionScript script;
    private final List<RawConnection> allConnections = new CopyOnWriteArrayList<>();
    private final List<RawConnection> requestConnections = new CopyOnWriteArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final Thread accepting;
    private final CountDownLatch probed = new CountDownLatch(1);
    private volatile boolean closed;

    private TestBackend(ServerSocket server, ConnectionScript script) {
        this.server = server;
        this.script = script;
        accepting = thread("test-backend", this::accept);
    }

    public static TestBackend running(ConnectionScript script) throws IOException {
        return on(new ServerSocket(0, 1024, InetAddress.getLoopbackAddress()), script);
    }

    /** Starts a backend that sends the same response to every request and keeps its connections open. */
    public static TestBackend respondingWith(String response) throws IOException {
        ServerSocket server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        return on(server, responder(response));
    }

    /** Starts a backend on a server socket, which it owns from now on. */
    public static TestBackend on(ServerSocket server, ConnectionScript script) {
        TestBackend backend = new TestBackend(server, script);
        backend.accepting.start();
        return backend;
    }

    public static ConnectionScript responder(String response) {
        return peer -> {
            while (peer.hasInput()) {
                Message.readRequest(peer);
                peer.write(response);
            }
        };
    }

    private void accept() {
        while (!closed) {
            try {
                Socket socket = server.accept();
                thread("test-backend-connection", () -> serve(socket)).start();
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (RawConnection peer = RawConnection.wrap(socket)) {
            allConnections.add(peer);
            if (!peer.hasInput()) {
                return;
            }
            if (peer.startsWith("GET /probe ")) {
                probed.countDown();
                socket.setSoTimeout(0);
                peer.readToEnd();
                return;
            }
            requestConnections.add(peer);
            script.run(peer);
        } catch (IOException e) {
            // The peer or the end of the test has closed the connection.
        } catch (Exception | AssertionError e) {
            failures.add(e);
        }
    }

    private static Thread thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Returns the number of connections on which a request arrived. */
    public int connections() {
        return requestConnections.size();
    }

    /** Waits for the n-th connection with a request, counted from 0. */
    public RawConnection connection(int n) {
        await().until(() -> requestConnections.size() > n);
        return requestConnections.get(n);
    }

    /** Waits for a probe, which gets no response. */
    void awaitProbe() {
        await().until(() -> probed.getCount() == 0);
    }

    /**
     * Waits for a probe, so that the health of the backend stays undecided, and then stops listening. New connections
     * are refused; open ones stay.
     */
    public void refuseConnections() throws IOException, InterruptedException {
        awaitProbe();
        stopListening();
        // Until the accept returns, the kernel keeps the socket and may still accept a connection.
        accepting.join();
    }

    private void stopListening() throws IOException {
        closed = true;
        server.close();
    }

    @Override
    public void close() throws IOException {
        stopListening();
        for (RawConnection connection : allConnections) {
            connection.close();
        }
        if (!failures.isEmpty()) {
            throw new AssertionError("a backend's script failed", failures.get(0));
        }
    }
}
