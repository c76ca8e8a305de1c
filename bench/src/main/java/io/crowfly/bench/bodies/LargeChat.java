package io.crowfly.bench.bodies;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * A chat of one long message, with {@code model} behind it. Nobody ever has the whole of it: it is made as it is written.
 * Every client's is another one, so that bytes of one in the body of another show; the text repeats after a prime number of
 * bytes, so that a lost, doubled or swapped buffer of any usual size does.
 */
final class LargeChat {

    /** What clients call the model. */
    static final String MODEL = "gpt-4o";

    /** Bytes of a piece. */
    static final int PIECE = 1024;

    /** Bytes; the largest prime below 64 Ki. */
    private static final int PERIOD = 65_521;

    /** Bytes between the beginnings of two clients' texts; another prime. */
    private static final int CLIENT_OFFSET = 7919;

    /** Everything that stands in a string as it is. */
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ .,:{}[]0123456789";

    private static final byte[] TEXT = text();

    private static final byte[] START = ascii("{\"messages\":[{\"role\":\"user\",\"content\":\"");
    private static final String END = "\"}],\"stream\":false,\"model\":\"%s\"}";

    private final long bytes;
    private final int shift;

    /**
     * @param bytes of all of it, with the client's name for the model
     * @param client a number from 0
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

    /** How long it is when it goes by this name. */
    long bytes(String model) {
        return bytes + model.length() - MODEL.length();
    }

    /** Writes it under this name, in pieces of {@value #PIECE} bytes, each followed by a flush; only the last one is shorter. */
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
     * Copies as much of a part of the body as falls into a piece.
     *
     * @param offset of the piece's first byte in the part; negative where the part begins later
     */
    private static void copy(byte[] part, long offset, byte[] piece, int length) {
        int from = (int) Math.max(0, -offset);
        int until = (int) Math.min(length, part.length - offset);
        if (from < until) {
            System.arraycopy(part, (int) (from + offset), piece, from, until - from);
        }
    }

    /** What it has to be where it arrives under this name. */
    long crc32c(String model) {
        CheckedOutputStream sum = new CheckedOutputStream(OutputStream.nullOutputStream(), new CRC32C());
        try {
            writeTo(sum, model);
        } catch (IOException e) {
            throw new IllegalStateException("nothing can't be written to", e);
        }
        return sum.getChecksum().getValue();
    }
}
