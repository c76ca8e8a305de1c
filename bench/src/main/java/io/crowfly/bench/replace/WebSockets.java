package io.crowfly.bench.replace;

import io.crowfly.balancer.transport.WebSocketAccept;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Backend with WebSockets that responds to each message, and the calls of its clients. */
final class WebSockets implements Clients.Call, AutoCloseable {

    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    /** Messages of one session, and the pause between them: a session takes about three seconds. */
    private static final int MESSAGES = 60;

    private static final long PAUSE_MILLIS = 50;

    private static final int TIMEOUT_MILLIS = 30_000;

    /** A text message with a mask of zeros, as clients send it. */
    private static final byte[] MESSAGE = {(byte) 0x81, (byte) 0x84, 0, 0, 0, 0, 'p', 'i', 'n', 'g'};

    /** A text message as servers send it. */
    private static final byte[] RESPONSE = {(byte) 0x81, 0x04, 'p', 'o', 'n', 'g'};

    private static final byte[] CLOSE = {(byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 0x03, (byte) 0xe8};

    private final int port;
    private final ServerSocket server;

    /**
     * @param port the balancer's port
     * @param backendPort the port of the backend, which is started here
     */
    WebSockets(int port, int backendPort) throws IOException {
        this.port = port;
        server = new ServerSocket(backendPort, 128, InetAddress.getLoopbackAddress());
        daemon(this::accept);
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "websocket-backend");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket accepted = server.accept();
                daemon(() -> serve(accepted));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void serve(Socket accepted) {
        try (Socket socket = accepted) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            String key = readHead(in);
            while (key.isEmpty()) {
                socket.getOutputStream()
                        .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".getBytes(StandardCharsets.US_ASCII));
                key = readHead(in);
            }
            socket.getOutputStream()
                    .write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                    + "Sec-WebSocket-Accept: " + WebSocketAccept.valueFor(key) + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            while (in.readNBytes(MESSAGE.length).length == MESSAGE.length) {
                socket.getOutputStream().write(RESPONSE);
            }
        } catch (IOException ended) {
            // The peer has closed the connection.
        }
    }

    /** Reads the head of a request and returns the key of its WebSocket handshake; empty if it has none. */
    private static String readHead(InputStream in) throws IOException {
        String key = "";
        for (String line; !(line = KeptConnection.line(in)).isEmpty(); ) {
            if (line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-key:")) {
                key = line.substring(line.indexOf(':') + 1).strip();
            }
        }
        return key;
    }

    @Override
    public void make() throws IOException, InterruptedException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            socket.getOutputStream()
                    .write(("GET /v1/realtime?model=realtime HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                                    + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String status = KeptConnection.line(in);
            if (!status.startsWith("HTTP/1.1 101")) {
                throw new IOException("status line: " + status);
            }
            readHead(in);
            for (int i = 0; i < MESSAGES; i++) {
                socket.getOutputStream().write(MESSAGE);
                if (in.readNBytes(RESPONSE.length).length < RESPONSE.length) {
                    throw new EOFException("the WebSocket was interrupted after " + i + " messages");
                }
                Thread.sleep(PAUSE_MILLIS);
            }
            socket.getOutputStream().write(CLOSE);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
