package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.dialect.ApiOperation;
import io.crowfly.bench.endpoint.fixture.PreparedResponse;
import io.crowfly.bench.endpoint.request.ParsedRequest;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;

/**
 * Output of the simulated model for one request: the values that fill the fixture of the response.
 *
 * @param id id of the response, without the prefix of its kind
 * @param request the request
 * @param outputText the text, or the arguments of a function call
 * @param turnCount number of requests in the chain of responses that ends with this request
 * @param encryptedContent represents content that only this endpoint can decrypt
 */
record ModelOutput(String id, ParsedRequest request, OutputText outputText, int turnCount, String encryptedContent) {

    /** Number of prompt tokens that a response reports for each request of its chain. */
    private static final int PROMPT_TOKENS = 11;

    static ModelOutput generate(ApiOperation api, ParsedRequest request, ResponsePlan plan, ObjectStore objects) {
        return new ModelOutput(
                UUID.randomUUID().toString(),
                request,
                callsTool(api, request) ? OutputText.arguments() : OutputText.words(plan.tokens()),
                1 + objects.turnsBefore(request.references()),
                objects.encryptedContent());
    }

    static boolean callsTool(ApiOperation api, ParsedRequest request) {
        return api.canCallTools() && request.toolToCall().isPresent();
    }

    /**
     * Returns the function from a placeholder's name to its value. It computes only the values that the fixture names.
     */
    UnaryOperator<String> values() {
        UnaryOperator<String> common = PreparedResponse.commonValues(Map.of("id", id));
        int prompt = turnCount * PROMPT_TOKENS;
        int tokens = outputText.tokens().size();
        ParsedRequest.StateReferences references = request.references();
        return name -> switch (name) {
            case "model" -> PreparedResponse.escapeJson(request.model());
            case "text" -> messageText();
            case "whole-text" -> outputText.joined();
            case "tool" -> PreparedResponse.escapeJson(request.toolToCall().orElse(""));
            case "prompt-tokens" -> String.valueOf(prompt);
            case "tokens" -> String.valueOf(tokens);
            case "total-tokens" -> String.valueOf(prompt + tokens);
            case "previous-response" ->
                references.previousResponse().map(ModelOutput::json).orElse("null");
            case "conversation" ->
                references
                        .conversation()
                        .map(conversation -> "{\"id\":" + json(conversation) + "}")
                        .orElse("null");
            case "store" -> String.valueOf(references.store().orElse(true));
            case "reasoning" -> references.includeEncryptedReasoning() ? reasoning() : "";
            case "embeddings" -> Embeddings.json(request.embedding());
            default -> common.apply(name);
        };
    }

    /**
     * Returns the text of the message. If the request has a file, the text includes the file's length and checksum, so
     * that the client can verify the transfer.
     */
    private String messageText() {
        if (request.upload().isEmpty()) {
            return outputText.joined();
        }
        byte[] file = request.upload().get().content();
        CRC32C crc = new CRC32C();
        crc.update(file);
        return outputText.joined() + " (" + file.length + " bytes, crc32c " + BlobBytes.hex(crc) + ")";
    }

    private String reasoning() {
        return "{\"id\":\"rs_" + id + "\",\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":"
                + json(encryptedContent) + "},";
    }

    private static String json(String text) {
        return '"' + PreparedResponse.escapeJson(text) + '"';
    }
}
