package io.crowfly.bench.load;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/*
 * The JDK's HTTP clients are not used, because they retry after a broken connection and close connections gracefully.
 * Both would hide the failures that the benchmarks count.
 */

/**
 * HTTP/1.1 client of the benchmarks for one request and its response, on its own connection to 127.0.0.1, over a
 * blocking socket. Every fault is an {@link IOException}. For one thread; only {@link #close} may be called from
 * another thread.
 */
public final class HttpCall implements AutoCloseable {

    /**
     * Limit of one connect or read, in milliseconds. No operation takes that long on a busy machine; without the limit,
     * a hanging one would never end.
     */
    private static final int TIMEOUT_MILLIS =
            Math.toIntExact(Duration.ofSeconds(60).toMillis());

    private static final int BUFFER_BYTES = 64 * 1024;

    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;
    private final Map<String, String> headers = new HashMap<>();
    private int status;

    private HttpCall(int port, OptionalLong receiveBuffer) throws IOException {
        try {
            if (receiveBuffer.isPresent()) {
                socket.setReceiveBufferSize(Math.toIntExact(receiveBuffer.getAsLong()));
            }
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
            in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
            out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    public static HttpCall connect(int port) throws IOException {
        return new HttpCall(port, OptionalLong.empty());
    }

    /**
     * Connects with a kernel receive buffer of this size in bytes. A small buffer fills soon, so that a slow reader
     * slows the sender down soon.
     */
    public static HttpCall connect(int port, long receiveBuffer) throws IOException {
        return new HttpCall(port, OptionalLong.of(receiveBuffer));
    }

    /** Sends a GET request with {@code Connection: close}. */
    public void get(String target) throws IOException {
        head("GET", target, "Connection: close\r\n");
        out.flush();
    }

    /**
     * Sends the head of a request and returns the stream for its body. Closing the stream ends the body, not the
     * connection.
     *
     * @param length length of the body; if absent, the body is chunked, with one chunk per write
     */
    public OutputStream post(String target, String type, OptionalLong length) throws IOException {
        String framing = length.isPresent() ? "Content-Length: " + length.getAsLong() : "Transfer-Encoding: chunked";
        head("POST", target, "Content-Type: " + type + "\r\n" + framing + "\r\n");
        return new BodyStream(length.isEmpty());
    }

    private void head(String method, String target, String more) throws IOException {
        String head = method + ' ' + target + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
        out.write(head.getBytes(StandardCharsets.US_ASCII));
    }

    /** Waits for the head of the response and returns its status. Interim responses are skipped. */
    public int status() throws IOException {
        while (status < 200) {
            String line = line();
            String[] words = line.split(" ", 3);
            if (words.length < 2 || !words[1].matches("[1-5]\\d\\d")) {
                throw new ProtocolException("no status line: " + line);
            }
            status = Integer.parseInt(words[1]);
            headers.clear();
            for (String header; !(header = line()).isEmpty(); ) {
                int colon = header.indexOf(':');
                headers.put(
                        header.substring(0, colon).toLowerCase(Locale.ROOT),
                        header.substring(colon + 1).strip());
            }
        }
        return status;
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /**
     * Reads the next bytes of the response as received, chunk framing included. Returns the number of bytes; -1 at the
     * end of the connection.
     */
    public int readRaw(byte[] into) throws IOException {
        return in.read(into);
    }

    /**
     * Reads the next bytes of a body of known length.
     *
     * @param remaining remaining bytes of the body
     * @return the number of bytes read
     * @throws EOFException if the connection ends first
     */
    public int readBody(byte[] into, long remaining) throws IOException {
        int read = in.read(into, 0, (int) Math.min(into.length, remaining));
        if (read < 0) {
            throw new EOFException("the response was truncated, " + remaining + " bytes before its end");
        }
        return read;
    }

    /** Returns the length of the body; only for a response with {@code content-length}. */
    public long contentLength() throws IOException {
        return Long.parseLong(
                header("content-length").orElseThrow(() -> new ProtocolException("a response without content-length")));
    }

    /** Returns the body as text; only for a response with {@code content-length}. */
    public String text() throws IOException {
        byte[] bytes = in.readNBytes(Math.toIntExact(contentLength()));
        if (bytes.length < contentLength()) {
            throw new EOFException("the response was truncated");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Closes the connection with a TCP reset, as a killed process may do. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next; (next = in.read()) != '\n'; ) {
            if (next < 0) {
                throw new EOFException("the connection ended in the head of a response");
            }
            line.append((char) next);
        }
        return line.toString().stripTrailing();
    }

    /**
     * Stream for the body of a request, chunked if no length is known. Closing it ends the body and keeps the
     * connection open.
     */
    private final class BodyStream extends OutputStream {

        private static final byte[] LINE_END = {'\r', '\n'};
        private static final byte[] LAST_CHUNK = {'0', '\r', '\n', '\r', '\n'};

        private final boolean chunked;

        BodyStream(boolean chunked) {
            this.chunked = chunked;
        }

        @Override
        public void write(int single) throws IOException {
            write(new byte[] {(byte) single}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (chunked && length > 0) {
                out.write(Integer.toHexString(length).getBytes(StandardCharsets.US_ASCII));
                out.write(LINE_END);
            }
            out.write(bytes, offset, length);
            if (chunked && length > 0) {
                out.write(LINE_END);
            }
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            if (chunked) {
                out.write(LAST_CHUNK);
            }
            out.flush();
        }
    }
}
