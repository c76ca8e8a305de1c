package io.crowfly.bench.memory;

import io.crowfly.bench.load.HttpCall;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Clients of {@code bench memory} that disconnect in the middle of a response. Every other client reads a token stream;
 * the others request a large body and do not read it.
 */
final class DisconnectingClients {

    private static final String CHAT =
            "{\"model\":\"gpt-4o\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Go on.\"}]}";

    private static final long BODY_BYTES = 1L << 30;

    /** Bytes that each client reads before it disconnects: more than a response head, less than any response. */
    private static final int BYTES_READ_FIRST = 1024;

    private final List<HttpCall> calls = new ArrayList<>();

    /**
     * Connects clients, sends their requests, and waits until each client has received the first
     * {@link #BYTES_READ_FIRST} bytes.
     */
    static DisconnectingClients connect(int port, int count) throws IOException {
        DisconnectingClients leavers = new DisconnectingClients();
        try {
            for (int i = 0; i < count; i++) {
                HttpCall call = HttpCall.connect(port);
                leavers.calls.add(call);
                if (i % 2 == 0) {
                    chat(call);
                } else {
                    call.get("/v1/blob?size=" + BODY_BYTES);
                }
            }
            for (HttpCall call : leavers.calls) {
                readSome(call);
            }
            return leavers;
        } catch (IOException e) {
            leavers.disconnect();
            throw e;
        }
    }

    private static void chat(HttpCall call) throws IOException {
        byte[] body = CHAT.getBytes(StandardCharsets.US_ASCII);
        try (OutputStream out = call.post("/v1/chat/completions", "application/json", OptionalLong.of(body.length))) {
            out.write(body);
        }
    }

    private static void readSome(HttpCall call) throws IOException {
        if (call.status() != 200) {
            throw new IOException("a stream got the status " + call.status());
        }
        byte[] buffer = new byte[BYTES_READ_FIRST];
        for (int total = 0; total < BYTES_READ_FIRST; ) {
            int read = call.readRaw(buffer);
            if (read < 0) {
                throw new IOException("a stream ended too early");
            }
            total += read;
        }
    }

    /** Disconnects the clients, half of each kind with a TCP close and half with a TCP reset. */
    void disconnect() throws IOException {
        for (int i = 0; i < calls.size(); i++) {
            if (i % 4 < 2) {
                calls.get(i).close();
            } else {
                calls.get(i).reset();
            }
        }
    }
}
