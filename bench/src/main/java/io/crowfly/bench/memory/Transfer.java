package io.crowfly.bench.memory;

import io.crowfly.bench.endpoint.BlobBytes;
import io.crowfly.bench.load.HttpCall;
import java.io.IOException;
import java.io.OutputStream;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * Transfer of one large body in {@code bench memory}: its duration, and whether it arrived intact.
 *
 * @param description direction and framing, for the page
 * @param bytes length of the body
 * @param intact whether the receiver got exactly the bytes that were sent
 */
record Transfer(String description, long bytes, double seconds, boolean intact) {

    private static final int PIECE_BYTES = 64 * 1024;
    private static final double MIB = 1024 * 1024;

    double mibPerSecond() {
        return bytes / MIB / seconds;
    }

    /** Sends a body as fast as the balancer reads it. */
    static Transfer upload(String description, int port, long bytes, boolean chunked) throws IOException {
        long start = System.nanoTime();
        try (HttpCall call = HttpCall.connect(port)) {
            OptionalLong length = chunked ? OptionalLong.empty() : OptionalLong.of(bytes);
            try (OutputStream body = call.post("/v1/sink", "application/octet-stream", length)) {
                send(body, bytes);
            }
            int status = call.status();
            String response = call.text();
            if (status != 200) {
                throw new IOException(description + " got the status " + status + ": " + response);
            }
            String expected = "{\"bytes\":" + bytes + ",\"crc32c\":\"" + BlobBytes.crc32c(bytes) + "\"}";
            return new Transfer(description, bytes, since(start), response.equals(expected));
        }
    }

    private static void send(OutputStream body, long bytes) throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        for (long sent = 0; sent < bytes; ) {
            int length = (int) Math.min(PIECE_BYTES, bytes - sent);
            BlobBytes.fill(piece, sent);
            body.write(piece, 0, length);
            sent += length;
        }
    }

    /** Reads a body as fast as it arrives. */
    static Transfer download(String description, int port, long bytes) throws IOException {
        long start = System.nanoTime();
        try (HttpCall call = HttpCall.connect(port)) {
            call.get("/v1/blob?size=" + bytes);
            if (call.status() != 200 || call.contentLength() != bytes) {
                throw new IOException(description + " got the status " + call.status());
            }
            CRC32C crc = new CRC32C();
            byte[] piece = new byte[PIECE_BYTES];
            for (long remaining = bytes; remaining > 0; ) {
                int read = call.readBody(piece, remaining);
                crc.update(piece, 0, read);
                remaining -= read;
            }
            boolean intact = String.format("%08x", crc.getValue()).equals(BlobBytes.crc32c(bytes));
            return new Transfer(description, bytes, since(start), intact);
        }
    }

    private static double since(long startNanos) {
        return (System.nanoTime() - startNanos) / 1e9;
    }
}
