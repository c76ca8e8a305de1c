package io.crowfly.balancer.testbed;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * One WebSocket frame (RFC 6455 section 5.2), encoded and decoded without Netty.
 *
 * @param firstByte the byte with the final bit and the opcode
 * @param payload unmasked, one character per byte
 */
public record RawWebSocketFrame(int firstByte, boolean masked, String payload) {

    public static final int TEXT = 0x81;
    public static final int TEXT_TO_BE_CONTINUED = 0x01;
    public static final int CONTINUATION = 0x00;
    public static final int LAST_CONTINUATION = 0x80;
    public static final int BINARY = 0x82;
    public static final int CLOSE = 0x88;
    public static final int PING = 0x89;
    public static final int PONG = 0x8a;

    private static final int[] MASK = {0x37, 0xfa, 0x21, 0x3d};

    private static final int LENGTH_16_BITS = 126;
    private static final int LENGTH_64_BITS = 127;

    /** Encodes a masked frame, as clients send it. */
    public static byte[] masked(int first, String payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        int length = payload.length();
        if (length < LENGTH_16_BITS) {
            frame.write(0x80 | length);
        } else if (length < 1 << 16) {
            frame.write(0x80 | LENGTH_16_BITS);
            writeNumber(frame, length, 2);
        } else {
            frame.write(0x80 | LENGTH_64_BITS);
            writeNumber(frame, length, 8);
        }
        for (int b : MASK) {
            frame.write(b);
        }
        for (int i = 0; i < length; i++) {
            frame.write(payload.charAt(i) ^ MASK[i % 4]);
        }
        return frame.toByteArray();
    }

    private static void writeNumber(ByteArrayOutputStream frame, long number, int bytes) {
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
            frame.write((int) (number >> shift));
        }
    }

    public static RawWebSocketFrame read(RawConnection connection) throws IOException {
        int first = connection.read(1).charAt(0);
        int second = connection.read(1).charAt(0);
        boolean masked = (second & 0x80) != 0;
        long length = second & 0x7f;
        if (length >= LENGTH_16_BITS) {
            length = number(connection.read(length == LENGTH_16_BITS ? 2 : 8));
        }
        String mask = masked ? connection.read(4) : "\0\0\0\0";
        String payload = connection.read((int) length);
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < payload.length(); i++) {
            plain.append((char) (payload.charAt(i) ^ mask.charAt(i % 4)));
        }
        return new RawWebSocketFrame(first, masked, plain.toString());
    }

    private static long number(String bytes) {
        long number = 0;
        for (char b : bytes.toCharArray()) {
            number = number << 8 | b;
        }
        return number;
    }

    /** Returns the {@code Sec-WebSocket-Accept} value for a client's {@code Sec-WebSocket-Key}. */
    public static String acceptValue(String key) throws NoSuchAlgorithmException {
        byte[] text = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII);
        return Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
    }
}
