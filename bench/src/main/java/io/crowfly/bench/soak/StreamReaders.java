package io.crowfly.bench.soak;

import io.crowfly.bench.load.HttpCall;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;

/** Clients of {@code bench soak} that read token streams, one after the other. */
final class StreamReaders implements AutoCloseable {

    private static final byte[] CHAT =
            "{\"model\":\"gpt-4o\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Go on.\"}]}"
                    .getBytes(StandardCharsets.US_ASCII);

    /** The end of a complete stream in chunks. */
    private static final String END = "data: [DONE]\n\n\r\n0\r\n\r\n";

    private static final int BUFFER_BYTES = 4096;

    private final int port;
    private final LongAdder complete = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean closing;

    StreamReaders(int port, int clients) {
        this.port = port;
        for (int i = 0; i < clients; i++) {
            Thread thread = new Thread(this::run, "stream-reader");
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
    }

    private void run() {
        byte[] buffer = new byte[BUFFER_BYTES];
        while (!closing) {
            try (HttpCall call = HttpCall.connect(port)) {
                try (OutputStream out =
                        call.post("/v1/chat/completions", "application/json", OptionalLong.of(CHAT.length))) {
                    out.write(CHAT);
                }
                (call.status() == 200 && endsRegularly(call, buffer) ? complete : failed).increment();
            } catch (IOException e) {
                failed.increment();
            }
        }
    }

    private static boolean endsRegularly(HttpCall call, byte[] buffer) throws IOException {
        String tail = "";
        while (!tail.endsWith(END)) {
            int read = call.readRaw(buffer);
            if (read < 0) {
                return false;
            }
            tail += new String(buffer, 0, read, StandardCharsets.US_ASCII);
            tail = tail.substring(Math.max(0, tail.length() - END.length()));
        }
        return true;
    }

    long complete() {
        return complete.sum();
    }

    /** Returns the number of streams that had an error or no regular end. */
    long failed() {
        return failed.sum();
    }

    /** Ends the clients after their present streams. */
    @Override
    public void close() throws InterruptedException {
        closing = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
