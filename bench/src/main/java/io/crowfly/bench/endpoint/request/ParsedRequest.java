package io.crowfly.bench.endpoint.request;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a request's body asks for, as far as an answer depends on it.
 *
 * @param model empty if it names none
 * @param toolToCall the function that the model may call now; empty if there is none, or if its result has just come
 * @param lastInput what was said last, as far as it is a short text
 * @param upload the file in a form
 */
public record ParsedRequest(
        String model,
        boolean stream,
        boolean includeUsage,
        OptionalInt maxTokens,
        EmbeddingOptions embedding,
        StateReferences references,
        Optional<String> toolToCall,
        String lastInput,
        Optional<UploadedFile> upload) {

    /**
     * @param inputs how many things to embed
     * @param base64 whether embeddings are wanted as base64 of little-endian floats, as the official clients ask by
     *     default
     */
    public record EmbeddingOptions(int inputs, boolean base64, int dimensions) {}

    /**
     * What a request refers to that an earlier one left here, and whether it leaves something itself.
     *
     * @param store empty where the request doesn't say
     */
    public record StateReferences(
            Optional<String> previousResponse,
            Optional<String> conversation,
            List<String> files,
            List<String> encryptedContents,
            Optional<Boolean> store,
            boolean includeEncryptedReasoning) {}

    public record UploadedFile(String filename, byte[] content, String purpose) {}

    public ParsedRequest withModel(String name) {
        return new ParsedRequest(
                name, stream, includeUsage, maxTokens, embedding, references, toolToCall, lastInput, upload);
    }
}
