package io.crowfly.bench.endpoint;

import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;

/**
 * What a good answer to one request says.
 *
 * @param id without a kind's prefix
 * @param turns how many requests stand in a row up to here, this one included
 */
record Reply(String id, Asked asked, Speech speech, int turns, String seal) {

    /** As every request is said to have had, and all that it follows. */
    private static final int PROMPT_TOKENS = 11;

    /** @param seal stands for what only this endpoint can read again */
    static Reply to(Api api, Asked asked, Play play, KeptThings things) {
        return new Reply(
                UUID.randomUUID().toString(),
                asked,
                calls(api, asked) ? Speech.arguments() : Speech.words(play.tokens()),
                1 + things.turnsBefore(asked.references()),
                things.seal());
    }

    static boolean calls(Api api, Asked asked) {
        return api.canCallTools() && asked.tool().isPresent();
    }

    /** What fixtures may name; computed only where one does. */
    UnaryOperator<String> values() {
        UnaryOperator<String> common = Answer.values(Map.of("id", id));
        int prompt = turns * PROMPT_TOKENS;
        int tokens = speech.tokens().size();
        Asked.References references = asked.references();
        return name -> switch (name) {
            case "model" -> Answer.quoted(asked.model());
            case "text" -> text();
            case "whole-text" -> speech.whole();
            case "tool" -> Answer.quoted(asked.tool().orElse(""));
            case "prompt-tokens" -> String.valueOf(prompt);
            case "tokens" -> String.valueOf(tokens);
            case "total-tokens" -> String.valueOf(prompt + tokens);
            case "previous-response" ->
                references.previousResponse().map(Reply::json).orElse("null");
            case "conversation" ->
                references
                        .conversation()
                        .map(kept -> "{\"id\":" + json(kept) + "}")
                        .orElse("null");
            case "store" -> String.valueOf(references.store().orElse(true));
            case "reasoning" -> references.wantsEncrypted() ? reasoning() : "";
            case "embeddings" -> Embeddings.json(asked.vectors());
            default -> common.apply(name);
        };
    }

    /** With a file's length and sum, so that whoever sent it can tell that it came over whole. */
    private String text() {
        if (asked.upload().isEmpty()) {
            return speech.whole();
        }
        byte[] file = asked.upload().get().content();
        CRC32C crc = new CRC32C();
        crc.update(file);
        return speech.whole() + " (" + file.length + " bytes, crc32c " + BlobBytes.hex(crc) + ")";
    }

    private String reasoning() {
        return "{\"id\":\"rs_" + id + "\",\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":" + json(seal)
                + "},";
    }

    private static String json(String text) {
        return '"' + Answer.quoted(text) + '"';
    }
}
