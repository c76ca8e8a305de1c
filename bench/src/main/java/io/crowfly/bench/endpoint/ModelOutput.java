package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.dialect.Api;
import io.crowfly.bench.endpoint.fixture.PreparedResponse;
import io.crowfly.bench.endpoint.request.ParsedRequest;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;

/**
 * What a good answer to one request says.
 *
 * @param id without a kind's prefix
 * @param turnCount how many requests stand in a row up to here, this one included
 */
record ModelOutput(String id, ParsedRequest request, OutputText outputText, int turnCount, String encryptedContent) {

    /** As every request is said to have had, and all that it follows. */
    private static final int PROMPT_TOKENS = 11;

    /** @param encryptedContent stands for what only this endpoint can read again */
    static ModelOutput generate(Api api, ParsedRequest request, ResponsePlan plan, ObjectStore objects) {
        return new ModelOutput(
                UUID.randomUUID().toString(),
                request,
                callsTool(api, request) ? OutputText.arguments() : OutputText.words(plan.tokens()),
                1 + objects.turnsBefore(request.references()),
                objects.encryptedContent());
    }

    static boolean callsTool(Api api, ParsedRequest request) {
        return api.canCallTools() && request.toolToCall().isPresent();
    }

    /** What fixtures may name; computed only where one does. */
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

    /** With a file's length and sum, so that whoever sent it can tell that it came over whole. */
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
