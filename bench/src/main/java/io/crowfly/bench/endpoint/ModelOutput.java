package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.dialect.ApiOperation;
import io.crowfly.bench.endpoint.fixture.PreparedResponse;
import io.crowfly.bench.endpoint.request.ParsedRequest;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;

/**
 * The output of the simulated model for one request.
 *
 * @param id the id without the prefix of a kind
 * @param turnCount number of requests in the chain that ends with this request
 * @param encryptedContent represents content that only this endpoint can decrypt
 */
record ModelOutput(String id, ParsedRequest request, OutputText outputText, int turnCount, String encryptedContent) {

    /** The prompt tokens that the response reports for each request of the chain. */
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

    /** Returns the values for the placeholders of fixtures. A value is computed only where a fixture names it. */
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
     * Returns the text of the message. For an upload the text includes the file's length and checksum, so that the
     * sender can verify that the file is complete.
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
