package io.crowfly.bench.bodies;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * Chat completion of {@code bench bodies} with one long message and {@code model} after it. The body is generated while
 * it is written, so it is never in memory as a whole. Each client's body differs, so that bytes of another client's
 * body are detected. The text repeats after a prime number of bytes, so that a lost, doubled or swapped buffer of any
 * usual size is detected.
 */
final class LargeChat {

    /** Model name that clients send. */
    static final String MODEL = "gpt-4o";

    /** Number of bytes that are written at once. */
    static final int PIECE = 1024;

    /** Bytes after which the text repeats: the largest prime below 64 Ki. */
    private static final int PERIOD = 65_521;

    /** Bytes by which the text of each client is shifted against the text of the previous client; another prime. */
    private static final int CLIENT_OFFSET = 7919;

    /** Characters that need no escaping in a JSON string. */
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ .,:{}[]0123456789";

    private static final byte[] TEXT = text();

    private static final byte[] START = ascii("{\"messages\":[{\"role\":\"user\",\"content\":\"");
    private static final String END = "\"}],\"stream\":false,\"model\":\"%s\"}";

    private final long bytes;
    private final int shift;

    /**
     * @param bytes length of the whole body, with the client's name for the model
     * @param client number of the client, from 0
     */
    LargeChat(long bytes, int client) {
        this.bytes = bytes;
        this.shift = client * CLIENT_OFFSET % PERIOD;
    }

    private static byte[] text() {
        Random random = new Random(PERIOD);
        byte[] text = new byte[PERIOD];
        for (int i = 0; i < PERIOD; i++) {
            text[i] = (byte) LETTERS.charAt(random.nextInt(LETTERS.length()));
        }
        return text;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Returns the length of the body with this name for the model. */
    long bytes(String model) {
        return bytes + model.length() - MODEL.length();
    }

    /**
     * Writes the body with this name for the model, in pieces of {@value #PIECE} bytes, each followed by a flush. Only
     * the last piece is shorter.
     */
    void writeTo(OutputStream out, String model) throws IOException {
        byte[] end = ascii(END.formatted(model));
        long textEnd = bytes(model) - end.length;
        byte[] piece = new byte[PIECE];
        for (long at = 0; at < bytes(model); at += PIECE) {
            int length = (int) Math.min(PIECE, bytes(model) - at);
            copy(START, at, piece, length);
            for (int i = (int) Math.max(0, START.length - at); i < length && at + i < textEnd; i++) {
                piece[i] = TEXT[(int) ((at + i + shift) % PERIOD)];
            }
            copy(end, at - textEnd, piece, length);
            out.write(piece, 0, length);
            out.flush();
        }
    }

    /**
     * Copies into the piece those bytes of a body part (start or end) that belong there.
     *
     * @param offset position of the piece's first byte, counted from the start of the part; negative if the part begins
     *     later
     */
    private static void copy(byte[] part, long offset, byte[] piece, int length) {
        int from = (int) Math.max(0, -offset);
        int until = (int) Math.min(length, part.length - offset);
        if (from < until) {
            System.arraycopy(part, (int) (from + offset), piece, from, until - from);
        }
    }

    /** Returns the checksum of the body with this name for the model. */
    long crc32c(String model) {
        CheckedOutputStream sum = new CheckedOutputStream(OutputStream.nullOutputStream(), new CRC32C());
        try {
            writeTo(sum, model);
        } catch (IOException e) {
            throw new IllegalStateException("writing to a null stream failed", e);
        }
        return sum.getChecksum().getValue();
    }
}
