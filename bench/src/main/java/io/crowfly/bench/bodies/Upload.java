package io.crowfly.bench.bodies;

import io.crowfly.bench.load.HttpCall;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Result of one upload in {@code bench bodies}, as the client saw it.
 *
 * @param backend name of the backend that responded; empty if none did
 * @param intact whether the backend received exactly the client's bytes, with its own model name in place of the
 *     client's
 * @param failure description of a failure; empty if the response was a 200
 */
record Upload(String backend, boolean intact, String failure) {

    private static final String TARGET = "/v1/sink";
    private static final String BACKEND_HEADER = "x-crowfly-backend";

    boolean succeeded() {
        return failure.isEmpty();
    }

    /**
     * Sends a body to the balancer and waits for the response.
     *
     * @param models each backend's name for the model, by the backend's name in the conf
     */
    static Upload send(LargeChat chat, int port, boolean chunked, Map<String, String> models) {
        OptionalLong length = chunked ? OptionalLong.empty() : OptionalLong.of(chat.bytes(LargeChat.MODEL));
        try (HttpCall call = HttpCall.connect(port)) {
            try (OutputStream out = call.post(TARGET, "application/json", length)) {
                chat.writeTo(out, LargeChat.MODEL);
            }
            int status = call.status();
            String response = call.text();
            if (status != 200) {
                return new Upload("", false, status + ": " + response);
            }
            String backend = call.header(BACKEND_HEADER).orElse("");
            String model = models.getOrDefault(backend, LargeChat.MODEL);
            return new Upload(backend, response.equals(expectedResponse(chat, model)), "");
        } catch (IOException e) {
            return new Upload("", false, String.valueOf(e.getMessage()));
        }
    }

    /** Returns the response that a simulated endpoint's sink sends if it received exactly this body. */
    private static String expectedResponse(LargeChat chat, String model) {
        return "{\"bytes\":%d,\"crc32c\":\"%08x\"}".formatted(chat.bytes(model), chat.crc32c(model));
    }
}
