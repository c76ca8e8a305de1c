package io.crowfly.bench.endpoint.request;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Fields of a JSON request to the simulated endpoint that the response depends on, collected value by value. Depth 1 is
 * inside the outermost object. The parser decodes the text of a value only if a field needs it.
 */
final class JsonRequestFields {

    private static final int DEFAULT_DIMENSIONS = 8;

    /** Limit of a text, in characters. Longer texts are neither ids nor short messages, and are ignored. */
    private static final int MAX_TEXT_CHARS = 4096;

    /** Limit of the ids of each kind. Further ids in a request are ignored. */
    private static final int MAX_REFERENCES = 100;

    private static final Set<String> MESSAGES = Set.of("messages", "input");

    private String key = "";
    private String outerKey = "";

    private String model = "";
    private boolean stream;
    private boolean includeUsage;
    private OptionalInt maxTokens = OptionalInt.empty();
    private int inputs;
    private boolean base64;
    private int dimensions = DEFAULT_DIMENSIONS;
    private Optional<String> previousResponse = Optional.empty();
    private Optional<String> conversation = Optional.empty();
    private Optional<Boolean> store = Optional.empty();
    private final List<String> files = new ArrayList<>();
    private final List<String> encryptedContents = new ArrayList<>();
    private boolean includeEncryptedReasoning;
    private Optional<String> toolToCall = Optional.empty();
    private boolean toolResultPresent;
    private String lastInput = "";

    void key(int depth, String name) {
        outerKey = depth == 1 ? name : outerKey;
        key = name;
    }

    /**
     * Handles the start of an object or array.
     *
     * @param depth the depth inside the object or array that starts
     */
    void beginStruct(int depth, JsonToken token) {
        if (depth == 3 && outerKey.equals("input") && token == JsonToken.START_ARRAY) {
            inputs++;
        } else if (depth == 3 && MESSAGES.contains(outerKey) && token == JsonToken.START_OBJECT) {
            toolResultPresent = false;
        }
    }

    void value(int depth, JsonToken token, JsonParser parser) throws IOException {
        if (depth == 1) {
            topLevelValue(token, parser);
        } else if (MESSAGES.contains(outerKey)) {
            messageValue(depth, token, parser);
        } else if (outerKey.equals("tools")) {
            toolValue(depth, token, parser);
        } else if (depth == 2) {
            secondLevelValue(token, parser);
        }
    }

    private void topLevelValue(JsonToken token, JsonParser parser) throws IOException {
        switch (key) {
            case "model" -> model = text(token, parser).orElse("");
            case "stream" -> stream = token == JsonToken.VALUE_TRUE;
            case "max_tokens", "max_completion_tokens", "max_output_tokens" -> {
                if (token == JsonToken.VALUE_NUMBER_INT) {
                    maxTokens = OptionalInt.of((int) Math.min(Integer.MAX_VALUE, Math.max(1, parser.getLongValue())));
                }
            }
            case "encoding_format" -> base64 = "base64".equals(parser.getText());
            case "dimensions" -> dimensions = token == JsonToken.VALUE_NUMBER_INT ? parser.getIntValue() : dimensions;
            case "input" -> {
                inputs = 1;
                lastInput = text(token, parser).orElse("");
            }
            case "previous_response_id" -> previousResponse = text(token, parser);
            case "conversation" -> conversation = text(token, parser);
            case "store" -> store = Optional.of(token == JsonToken.VALUE_TRUE);
            case "input_file_id", "file_id" -> text(token, parser).ifPresent(id -> addReference(files, id));
            default -> {}
        }
    }

    private void secondLevelValue(JsonToken token, JsonParser parser) throws IOException {
        if (outerKey.equals("stream_options") && key.equals("include_usage")) {
            includeUsage = token == JsonToken.VALUE_TRUE;
        } else if (outerKey.equals("conversation") && key.equals("id")) {
            conversation = text(token, parser);
        } else if (outerKey.equals("file_ids")) {
            text(token, parser).ifPresent(id -> addReference(files, id));
        } else if (outerKey.equals("include")) {
            includeEncryptedReasoning |= text(token, parser).equals(Optional.of("reasoning.encrypted_content"));
        }
    }

    private void messageValue(int depth, JsonToken token, JsonParser parser) throws IOException {
        if (depth == 2 && outerKey.equals("input")) {
            // Each string of an array is one input; an array of numbers is a single input of tokens.
            inputs = token == JsonToken.VALUE_STRING ? inputs + 1 : Math.max(1, inputs);
        } else if (depth == 3 && key.equals("role")) {
            toolResultPresent |= text(token, parser).equals(Optional.of("tool"));
        } else if (depth == 3 && key.equals("type")) {
            toolResultPresent |= text(token, parser).equals(Optional.of("function_call_output"));
        } else if (depth == 3 && key.equals("content")) {
            lastInput = text(token, parser).orElse("");
        } else if (depth == 3 && key.equals("encrypted_content")) {
            text(token, parser).ifPresent(content -> addReference(encryptedContents, content));
        } else if (key.equals("file_id")) {
            text(token, parser).ifPresent(id -> addReference(files, id));
        }
    }

    /**
     * Reads the name of the first function. It is at depth 4 in a chat completion, and at depth 3 in a request of the
     * Responses API.
     */
    private void toolValue(int depth, JsonToken token, JsonParser parser) throws IOException {
        if (toolToCall.isEmpty() && key.equals("name") && (depth == 3 || depth == 4)) {
            toolToCall = text(token, parser);
        }
    }

    private static void addReference(List<String> references, String id) {
        if (references.size() < MAX_REFERENCES) {
            references.add(id);
        }
    }

    private static Optional<String> text(JsonToken token, JsonParser parser) throws IOException {
        return token == JsonToken.VALUE_STRING && parser.getTextLength() <= MAX_TEXT_CHARS
                ? Optional.of(parser.getText())
                : Optional.empty();
    }

    ParsedRequest toRequest() {
        return new ParsedRequest(
                model,
                stream,
                includeUsage,
                maxTokens,
                new ParsedRequest.EmbeddingOptions(Math.max(1, inputs), base64, Math.max(1, dimensions)),
                new ParsedRequest.StateReferences(
                        previousResponse, conversation, files, encryptedContents, store, includeEncryptedReasoning),
                toolResultPresent ? Optional.empty() : toolToCall,
                lastInput,
                Optional.empty());
    }
}
