package io.crowfly.bench.endpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Gathers what a request's JSON asks for, value by value. A depth of 1 is inside the outermost object. Texts are taken
 * from the parser only where they matter.
 */
final class JsonAsked {

    private static final int DEFAULT_DIMENSIONS = 8;

    /** Characters; longer ones are no id and no short text. */
    private static final int SHORT_TEXT = 4096;

    /** References; a request that has more refers to nothing that is looked at. */
    private static final int MOST_REFERENCES = 100;

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
    private final List<String> encrypted = new ArrayList<>();
    private boolean wantsEncrypted;
    private Optional<String> tool = Optional.empty();
    private boolean toolHasAnswered;
    private String input = "";

    void key(int depth, String name) {
        outerKey = depth == 1 ? name : outerKey;
        key = name;
    }

    /** @param depth inside what begins */
    void begin(int depth, JsonToken token) {
        if (depth == 3 && outerKey.equals("input") && token == JsonToken.START_ARRAY) {
            inputs++;
        } else if (depth == 3 && MESSAGES.contains(outerKey) && token == JsonToken.START_OBJECT) {
            toolHasAnswered = false;
        }
    }

    void value(int depth, JsonToken token, JsonParser parser) throws IOException {
        if (depth == 1) {
            top(token, parser);
        } else if (MESSAGES.contains(outerKey)) {
            inMessages(depth, token, parser);
        } else if (outerKey.equals("tools")) {
            inTools(depth, token, parser);
        } else if (depth == 2) {
            second(token, parser);
        }
    }

    private void top(JsonToken token, JsonParser parser) throws IOException {
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
                input = text(token, parser).orElse("");
            }
            case "previous_response_id" -> previousResponse = text(token, parser);
            case "conversation" -> conversation = text(token, parser);
            case "store" -> store = Optional.of(token == JsonToken.VALUE_TRUE);
            case "input_file_id", "file_id" -> text(token, parser).ifPresent(id -> refer(files, id));
            default -> {}
        }
    }

    private void second(JsonToken token, JsonParser parser) throws IOException {
        if (outerKey.equals("stream_options") && key.equals("include_usage")) {
            includeUsage = token == JsonToken.VALUE_TRUE;
        } else if (outerKey.equals("conversation") && key.equals("id")) {
            conversation = text(token, parser);
        } else if (outerKey.equals("file_ids")) {
            text(token, parser).ifPresent(id -> refer(files, id));
        } else if (outerKey.equals("include")) {
            wantsEncrypted |= text(token, parser).equals(Optional.of("reasoning.encrypted_content"));
        }
    }

    private void inMessages(int depth, JsonToken token, JsonParser parser) throws IOException {
        if (depth == 2 && outerKey.equals("input")) {
            // An array of strings is as many inputs; an array of numbers is one, in tokens.
            inputs = token == JsonToken.VALUE_STRING ? inputs + 1 : Math.max(1, inputs);
        } else if (depth == 3 && key.equals("role")) {
            toolHasAnswered |= text(token, parser).equals(Optional.of("tool"));
        } else if (depth == 3 && key.equals("type")) {
            toolHasAnswered |= text(token, parser).equals(Optional.of("function_call_output"));
        } else if (depth == 3 && key.equals("content")) {
            input = text(token, parser).orElse("");
        } else if (depth == 3 && key.equals("encrypted_content")) {
            text(token, parser).ifPresent(content -> refer(encrypted, content));
        } else if (key.equals("file_id")) {
            text(token, parser).ifPresent(id -> refer(files, id));
        }
    }

    /** A chat's functions have their names one level further in than a response's. */
    private void inTools(int depth, JsonToken token, JsonParser parser) throws IOException {
        if (tool.isEmpty() && key.equals("name") && (depth == 3 || depth == 4)) {
            tool = text(token, parser);
        }
    }

    private static void refer(List<String> references, String id) {
        if (references.size() < MOST_REFERENCES) {
            references.add(id);
        }
    }

    private static Optional<String> text(JsonToken token, JsonParser parser) throws IOException {
        return token == JsonToken.VALUE_STRING && parser.getTextLength() <= SHORT_TEXT
                ? Optional.of(parser.getText())
                : Optional.empty();
    }

    Asked result() {
        return new Asked(
                model,
                stream,
                includeUsage,
                maxTokens,
                new Asked.Vectors(Math.max(1, inputs), base64, Math.max(1, dimensions)),
                new Asked.References(previousResponse, conversation, files, encrypted, store, wantsEncrypted),
                toolHasAnswered ? Optional.empty() : tool,
                input,
                Optional.empty());
    }
}
