package io.crowfly.bench.replace;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Call that sends requests on one connection until a response has {@code Connection: close}, or for 500 requests. */
final class KeptConnection implements Clients.Call {

    private static final int REQUESTS = 500;

    /** Pause between two requests, so that other processes get processor time. */
    private static final long PAUSE_MILLIS = 5;

    private static final int TIMEOUT_MILLIS = 30_000;

    private static final byte[] REQUEST =
            "GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final int port;

    KeptConnection(int port) {
        this.port = port;
    }

    @Override
    public void make() throws IOException, InterruptedException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (int i = 0; i < REQUESTS; i++) {
                socket.getOutputStream().write(REQUEST);
                if (!readResponse(in)) {
                    return;
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        }
    }

    /** Reads a response and returns whether the connection stays open. */
    private static boolean readResponse(InputStream in) throws IOException {
        String status = line(in);
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new IOException("status line: " + status);
        }
        int length = 0;
        boolean keepsOpen = true;
        for (String header; !(header = line(in).toLowerCase(Locale.ROOT)).isEmpty(); ) {
            if (header.startsWith("content-length:")) {
                length = Integer.parseInt(
                        header.substring(header.indexOf(':') + 1).strip());
            } else if (header.startsWith("connection:")) {
                keepsOpen = !header.endsWith("close");
            }
        }
        if (in.readNBytes(length).length < length) {
            throw new EOFException("the response was truncated");
        }
        return keepsOpen;
    }

    static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next; (next = in.read()) != '\n'; ) {
            if (next < 0) {
                throw new EOFException("the connection ended in a head");
            }
            line.append((char) next);
        }
        return line.toString().stripTrailing();
    }
}
