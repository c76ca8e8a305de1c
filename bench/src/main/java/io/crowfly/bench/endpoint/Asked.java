package io.crowfly.bench.endpoint;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a request's body asks for, as far as an answer depends on it.
 *
 * @param model empty if it names none
 * @param tool the function that the model may call now; empty if there is none, or if its result has just come
 * @param input what was said last, as far as it is a short text
 * @param upload the file in a form
 */
record Asked(
        String model,
        boolean stream,
        boolean includeUsage,
        OptionalInt maxTokens,
        Vectors vectors,
        References references,
        Optional<String> tool,
        String input,
        Optional<Upload> upload) {

    /**
     * @param inputs how many things to embed
     * @param base64 whether embeddings are wanted as base64 of little-endian floats, as the official clients ask by
     *     default
     */
    record Vectors(int inputs, boolean base64, int dimensions) {}

    /**
     * What a request refers to that an earlier one left here, and whether it leaves something itself.
     *
     * @param store empty where the request doesn't say
     */
    record References(
            Optional<String> previousResponse,
            Optional<String> conversation,
            List<String> files,
            List<String> encrypted,
            Optional<Boolean> store,
            boolean wantsEncrypted) {}

    record Upload(String filename, byte[] content, String purpose) {}

    Asked withModel(String name) {
        return new Asked(name, stream, includeUsage, maxTokens, vectors, references, tool, input, upload);
    }
}
