package io.crowfly.bench.choose;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Client of {@code bench choose} that stops waiting if the head of a response does not arrive within its timeout, as
 * many clients and proxies do. It then reads the token stream to its end.
 */
final class WaitingClient {

    private static final String PING = ": ping\n";

    private final int port;
    private final long headTimeoutMillis;

    /**
     * What the client received.
     *
     * @param headSeconds time until the head
     * @param pings number of comments
     * @param text the stream without the comments
     * @param complete whether the stream ended regularly
     */
    record Received(double headSeconds, int pings, String text, boolean complete) {}

    WaitingClient(int port, long headTimeoutMillis) {
        this.port = port;
        this.headTimeoutMillis = headTimeoutMillis;
    }

    /** Sends a request for a streamed chat. Blocks until the stream's end; a timeout is an exception. */
    Received chat(String model, long streamTimeoutMillis) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            String body = "{\"model\":\"" + model + "\",\"stream\":true,\"messages\":[]}";
            String request =
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Content-Length: " + body.length() + "\r\n\r\n" + body;
            long startedNanos = System.nanoTime();
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            InputStream in = new BufferedInputStream(socket.getInputStream());
            socket.setSoTimeout(Math.toIntExact(headTimeoutMillis));
            String status = line(in);
            double headSeconds = (System.nanoTime() - startedNanos) / (double) TimeUnit.SECONDS.toNanos(1);
            if (!status.startsWith("HTTP/1.1 200 ")) {
                throw new IOException(model + ": " + status);
            }
            while (!line(in).isEmpty()) {
                // The headers do not matter here.
            }
            socket.setSoTimeout(Math.toIntExact(streamTimeoutMillis));
            return readStream(in, headSeconds);
        }
    }

    private static Received readStream(InputStream in, double headSeconds) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int pings = 0;
        boolean complete = false;
        try {
            for (int size; (size = Integer.parseInt(line(in), 16)) > 0; ) {
                byte[] chunk = in.readNBytes(size);
                line(in);
                if (new String(chunk, StandardCharsets.UTF_8).startsWith(PING)) {
                    pings++;
                } else {
                    text.write(chunk);
                }
            }
            complete = true;
        } catch (EOFException e) {
            // The result says that the stream is not complete.
        }
        return new Received(headSeconds, pings, text.toString(StandardCharsets.UTF_8), complete);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b; (b = in.read()) != '\n'; ) {
            if (b < 0) {
                throw new EOFException("closed by Crowfly");
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.ISO_8859_1).trim();
    }
}
