package io.crowfly.bench.endpoint;

import java.util.Random;
import java.util.zip.CRC32C;

/**
 * Content of the large test bodies, computed by simulated endpoints and by benchmarks alike. The bytes repeat after a
 * prime number of bytes, so that a lost, doubled or swapped buffer of any usual size is detected.
 */
public final class BlobBytes {

    /** Bytes after which the content repeats: the largest prime below 64 Ki. */
    static final int PERIOD = 65_521;

    private static final byte[] BYTES = new byte[PERIOD];

    static {
        new Random(PERIOD).nextBytes(BYTES);
    }

    private BlobBytes() {}

    static byte[] period() {
        return BYTES.clone();
    }

    /** Fills {@code into} with the bytes that begin at {@code offset} of the content. */
    public static void fill(byte[] into, long offset) {
        for (int i = 0; i < into.length; ) {
            int from = (int) ((offset + i) % PERIOD);
            int length = Math.min(PERIOD - from, into.length - i);
            System.arraycopy(BYTES, from, into, i, length);
            i += length;
        }
    }

    /**
     * Returns the CRC32C of the first {@code size} bytes as eight hexadecimal digits, the format of the sink's
     * response.
     */
    public static String crc32c(long size) {
        CRC32C crc = new CRC32C();
        for (long remaining = size; remaining > 0; remaining -= PERIOD) {
            crc.update(BYTES, 0, (int) Math.min(PERIOD, remaining));
        }
        return hex(crc);
    }

    static String hex(CRC32C crc) {
        return String.format("%08x", crc.getValue());
    }
}
