package io.crowfly.bench.endpoint.request;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Content of a request's body that the response of the simulated endpoint depends on.
 *
 * @param model empty if the body names none
 * @param stream whether the response is streamed
 * @param includeUsage whether a streamed response includes usage
 * @param maxTokens limit of the tokens in the response
 * @param embedding options of an embeddings request
 * @param references stored objects that the request refers to
 * @param toolToCall the function that the model may call now; empty if there is none, or if the last message is the
 *     result of a call
 * @param lastInput text of the last message, if it is short
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
     * Options of an embeddings request.
     *
     * @param inputs number of inputs to embed
     * @param base64 whether the vectors are encoded as base64 of little-endian floats, which the official clients
     *     request by default
     * @param dimensions length of each vector
     */
    public record EmbeddingOptions(int inputs, boolean base64, int dimensions) {}

    /**
     * Stored objects that a request refers to, and whether its response is to be stored.
     *
     * @param previousResponse id of the previous response in the chain
     * @param conversation id of a conversation
     * @param files ids of files
     * @param encryptedContents encrypted contents of earlier responses
     * @param store value of {@code store}; empty if the request has none
     * @param includeEncryptedReasoning whether the response includes encrypted reasoning
     */
    public record StateReferences(
            Optional<String> previousResponse,
            Optional<String> conversation,
            List<String> files,
            List<String> encryptedContents,
            Optional<Boolean> store,
            boolean includeEncryptedReasoning) {}

    /** File in a form. */
    public record UploadedFile(String filename, byte[] content, String purpose) {}

    public ParsedRequest withModel(String name) {
        return new ParsedRequest(
                name, stream, includeUsage, maxTokens, embedding, references, toolToCall, lastInput, upload);
    }
}
