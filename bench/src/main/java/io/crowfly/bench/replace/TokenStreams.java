package io.crowfly.bench.replace;

import io.crowfly.bench.load.HttpCall;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Calls that read one token stream each, on a new connection, and record the time to its first token. */
final class TokenStreams implements Clients.Call {

    private static final byte[] LAST_EVENT = "data: [DONE]".getBytes(StandardCharsets.US_ASCII);

    /** First token of one stream. Times are of {@link System#nanoTime}. */
    private record Sample(long sentNanos, long ttftNanos) {}

    /**
     * Mean of a time.
     *
     * @param samples number of streams
     */
    record Mean(double millis, int samples) {}

    private final int port;
    private final byte[] body;
    private final ConcurrentLinkedQueue<Sample> samples = new ConcurrentLinkedQueue<>();

    TokenStreams(int port, String model) {
        this.port = port;
        body = ("{\"model\":\"" + model + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}")
                .getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void make() throws IOException {
        long sentNanos = System.nanoTime();
        try (HttpCall call = HttpCall.connect(port)) {
            try (OutputStream out =
                    call.post("/v1/chat/completions", "application/json", OptionalLong.of(body.length))) {
                out.write(body);
            }
            if (call.status() != 200) {
                throw new IOException("status " + call.status());
            }
            byte[] read = new byte[8192];
            Tail tail = new Tail();
            for (boolean first = true; !tail.isComplete(); first = false) {
                int length = call.readRaw(read);
                if (length < 0) {
                    throw new EOFException("the stream was interrupted");
                }
                if (first) {
                    samples.add(new Sample(sentNanos, System.nanoTime() - sentNanos));
                }
                tail.add(read, length);
            }
        }
    }

    /** Finder of the last event, which may be split over two reads. */
    private static final class Tail {
        private int matched;

        void add(byte[] bytes, int length) {
            for (int i = 0; i < length && !isComplete(); i++) {
                if (bytes[i] == LAST_EVENT[matched]) {
                    matched++;
                } else {
                    matched = bytes[i] == LAST_EVENT[0] ? 1 : 0;
                }
            }
        }

        boolean isComplete() {
            return matched == LAST_EVENT.length;
        }
    }

    /** Returns the mean time to the first token of the streams whose requests were sent in this time. */
    Mean meanTtft(long fromNanos, long toNanos) {
        double sum = 0;
        int count = 0;
        for (Sample sample : samples) {
            if (sample.sentNanos >= fromNanos && sample.sentNanos < toNanos) {
                sum += sample.ttftNanos / 1e6;
                count++;
            }
        }
        return new Mean(sum / count, count);
    }
}
