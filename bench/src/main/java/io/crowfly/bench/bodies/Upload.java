package io.crowfly.bench.bodies;

import io.crowfly.bench.load.HttpCall;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What became of one body.
 *
 * @param backend that answered, by its name in the conf; empty if none did
 * @param intact whether the body that it had was the client's byte for byte, but for the model's name, which was its own
 * @param otherwise what else happened; empty if it was answered with 200
 */
record Upload(String backend, boolean intact, String otherwise) {

    private static final String TARGET = "/v1/sink";
    private static final String BACKEND_HEADER = "x-crowfly-backend";

    boolean answered() {
        return otherwise.isEmpty();
    }

    /**
     * Sends a body and waits for its answer.
     *
     * @param models each backend's name for the model, by its name in the conf
     */
    static Upload of(LongChat chat, int port, boolean chunked, Map<String, String> models) {
        OptionalLong length = chunked ? OptionalLong.empty() : OptionalLong.of(chat.bytes(LongChat.MODEL));
        try (HttpCall call = HttpCall.connect(port)) {
            try (OutputStream out = call.post(TARGET, "application/json", length)) {
                chat.writeTo(out, LongChat.MODEL);
            }
            int status = call.status();
            String answer = call.text();
            if (status != 200) {
                return new Upload("", false, status + ": " + answer);
            }
            String backend = call.header(BACKEND_HEADER).orElse("");
            String model = models.getOrDefault(backend, LongChat.MODEL);
            return new Upload(backend, answer.equals(sinkAnswer(chat, model)), "");
        } catch (IOException e) {
            return new Upload("", false, String.valueOf(e.getMessage()));
        }
    }

    /** What a simulated endpoint says of a body that it counted and threw away. */
    private static String sinkAnswer(LongChat chat, String model) {
        return "{\"bytes\":%d,\"crc32c\":\"%08x\"}".formatted(chat.bytes(model), chat.crc32c(model));
    }
}
