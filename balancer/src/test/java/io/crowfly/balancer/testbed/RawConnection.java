package io.crowfly.balancer.testbed;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** One end of a blocking connection. Text is Latin-1, so each character is a byte. One thread at a time. */
public final class RawConnection implements AutoCloseable {

    private final Closeable socket;
    private final InputStream in;
    private final OutputStream out;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    private RawConnection(Closeable socket, InputStream in, OutputStream out) {
        this.socket = socket;
        this.in = new BufferedInputStream(in);
        this.out = out;
    }

    public static RawConnection wrap(Socket socket) throws IOException {
        socket.setSoTimeout(TestTimeout.SECONDS * 1000);
        socket.setTcpNoDelay(true);
        return new RawConnection(socket, socket.getInputStream(), socket.getOutputStream());
    }

    public static RawConnection connect(int port) throws IOException {
        return wrap(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    public static RawConnection connect(Path unixSocket) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(unixSocket));
        return new RawConnection(channel, Channels.newInputStream(channel), Channels.newOutputStream(channel));
    }

    /** Writes and flushes: a short text becomes one segment. */
    public void write(String text) throws IOException {
        write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public void write(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** Reads a head, including the empty line. */
    public String readHead() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) readByte());
        }
        return head.toString();
    }

    /** Reads a line and returns it without its CR LF. */
    public String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.indexOf("\r\n") < 0) {
            line.append((char) readByte());
        }
        return line.substring(0, line.length() - 2);
    }

    public String read(int length) throws IOException {
        byte[] bytes = new byte[length];
        for (int at = 0; at < length; ) {
            int count = in.read(bytes, at, length - at);
            if (count < 0) {
                throw closed();
            }
            received.write(bytes, at, count);
            at += count;
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** All bytes until the peer closed, and whether the close was a reset. */
    public record Rest(String text, boolean reset) {}

    public Rest readToEnd() throws IOException {
        StringBuilder text = new StringBuilder();
        try {
            byte[] bytes = new byte[8192];
            for (int count; (count = in.read(bytes)) >= 0; ) {
                received.write(bytes, 0, count);
                text.append(new String(bytes, 0, count, StandardCharsets.ISO_8859_1));
            }
            return new Rest(text.toString(), false);
        } catch (SocketException e) {
            return new Rest(text.toString(), true);
        }
    }

    private int readByte() throws IOException {
        int b = in.read();
        if (b < 0) {
            throw closed();
        }
        received.write(b);
        return b;
    }

    private EOFException closed() {
        return new EOFException("closed after: " + received());
    }

    /** Whether the input continues with this text. Does not consume the input. */
    boolean startsWith(String text) throws IOException {
        in.mark(text.length());
        try {
            for (int i = 0; i < text.length(); i++) {
                if (in.read() != text.charAt(i)) {
                    return false;
                }
            }
            return true;
        } finally {
            in.reset();
        }
    }

    /** Whether the peer sends any byte before it closes. Does not consume the input. */
    public boolean hasInput() throws IOException {
        in.mark(1);
        try {
            return in.read() >= 0;
        } finally {
            in.reset();
        }
    }

    /** Returns all bytes that have been read so far. */
    public String received() {
        return received.toString(StandardCharsets.ISO_8859_1);
    }

    /** Sends a FIN; reading goes on. */
    public void halfClose() throws IOException {
        if (socket instanceof Socket tcp) {
            tcp.shutdownOutput();
        } else {
            ((SocketChannel) socket).shutdownOutput();
        }
    }

    /** Closes the connection with a reset. */
    public void reset() throws IOException {
        ((Socket) socket).setSoLinger(true, 0);
        close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
