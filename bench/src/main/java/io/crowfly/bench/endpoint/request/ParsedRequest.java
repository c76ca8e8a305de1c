package io.crowfly.bench.endpoint.request;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The content of a request's body, as far as the response depends on it.
 *
 * @param model empty if the body names none
 * @param toolToCall the function that the model may call now; empty if there is none, or if the result of a call is
 *     the last message
 * @param lastInput the text of the last message, if it is short
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
     * The options of an embeddings request.
     *
     * @param inputs number of inputs to embed
     * @param base64 whether the vectors are encoded as base64 of little-endian floats, which the official clients
     *     request by default
     */
    public record EmbeddingOptions(int inputs, boolean base64, int dimensions) {}

    /**
     * The stored objects that a request refers to, and whether its response is to be stored.
     *
     * @param store empty if the request does not say
     */
    public record StateReferences(
            Optional<String> previousResponse,
            Optional<String> conversation,
            List<String> files,
            List<String> encryptedContents,
            Optional<Boolean> store,
            boolean includeEncryptedReasoning) {}

    /** The file in a form. */
    public record UploadedFile(String filename, byte[] content, String purpose) {}

    public ParsedRequest withModel(String name) {
        return new ParsedRequest(
                name, stream, includeUsage, maxTokens, embedding, references, toolToCall, lastInput, upload);
    }
}
