package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.request.ParsedRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;

/**
 * Generator of the vectors in an embeddings response of the simulated endpoint. They are small, and always the same for
 * the same position in the request.
 */
final class Embeddings {

    private Embeddings() {}

    /** Returns the elements of the list {@code data} in the response, as JSON. */
    static String json(ParsedRequest.EmbeddingOptions options) {
        StringBuilder data = new StringBuilder();
        for (int input = 0; input < options.inputs(); input++) {
            data.append(input == 0 ? "" : ",")
                    .append("{\"object\":\"embedding\",\"index\":")
                    .append(input)
                    .append(",\"embedding\":")
                    .append(
                            options.base64()
                                    ? base64(input, options.dimensions())
                                    : numbers(input, options.dimensions()))
                    .append('}');
        }
        return data.toString();
    }

    private static float value(int input, int dimension) {
        return ((input + 1) * (dimension + 1) % 17 - 8) / 8f;
    }

    private static String numbers(int input, int dimensions) {
        StringBuilder array = new StringBuilder("[");
        for (int i = 0; i < dimensions; i++) {
            array.append(i == 0 ? "" : ",").append(value(input, i));
        }
        return array.append(']').toString();
    }

    private static String base64(int input, int dimensions) {
        ByteBuffer floats = ByteBuffer.allocate(dimensions * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < dimensions; i++) {
            floats.putFloat(value(input, i));
        }
        return '"' + Base64.getEncoder().encodeToString(floats.array()) + '"';
    }
}
