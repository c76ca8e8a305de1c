package io.crowfly.bench.endpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.async.ByteBufferFeeder;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads a request's JSON as it arrives and keeps only what an answer depends on, so that its size doesn't matter. Used by
 * one thread.
 */
final class JsonBody {

    /** A picture in base64 is one string; 128 Mi characters is more than any provider takes. */
    private static final int LONGEST_STRING = 128 * 1024 * 1024;

    private static final int DEFAULT_DIMENSIONS = 8;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(LONGEST_STRING)
                    .build())
            .build();

    private final JsonParser parser;
    private final ByteBufferFeeder feeder;
    private boolean malformed;
    private boolean complete;

    private int depth;
    private String key = "";
    private String outerKey = "";

    private String model = "";
    private boolean stream;
    private boolean includeUsage;
    private OptionalInt maxTokens = OptionalInt.empty();
    private int inputs;
    private boolean base64;
    private int dimensions = DEFAULT_DIMENSIONS;

    JsonBody() {
        try {
            parser = JSON.createNonBlockingByteBufferParser();
            feeder = (ByteBufferFeeder) parser.getNonBlockingInputFeeder();
        } catch (IOException e) {
            throw new IllegalStateException("a parser without input can't fail to open", e);
        }
    }

    /** Borrows the chunk: it is read to its end and not kept. */
    void feed(ByteBuf chunk) {
        try {
            for (ByteBuffer part : chunk.nioBuffers()) {
                if (!malformed && part.hasRemaining()) {
                    feeder.feedInput(part);
                    readTokens();
                }
            }
        } catch (IOException e) {
            malformed = true;
        }
    }

    /** What was asked; empty if the body was not one whole JSON object. */
    Optional<Asked> end() {
        try {
            if (!malformed) {
                feeder.endOfInput();
                readTokens();
            }
            parser.close();
        } catch (IOException e) {
            malformed = true;
        }
        return malformed || !complete
                ? Optional.empty()
                : Optional.of(new Asked(
                        model, stream, includeUsage, maxTokens, Math.max(1, inputs), base64, Math.max(1, dimensions)));
    }

    private void readTokens() throws IOException {
        for (JsonToken token = parser.nextToken();
                token != null && token != JsonToken.NOT_AVAILABLE;
                token = parser.nextToken()) {
            read(token);
        }
    }

    private void read(JsonToken token) throws IOException {
        if (depth == 0 && (complete || token != JsonToken.START_OBJECT)) {
            malformed = true;
            return;
        }
        if (token == JsonToken.FIELD_NAME) {
            outerKey = depth == 1 ? parser.currentName() : outerKey;
            key = parser.currentName();
        } else if (token.isStructStart()) {
            depth++;
            countNestedInput(token);
        } else if (token.isStructEnd()) {
            depth--;
            complete = depth == 0;
        } else if (depth == 1) {
            readTopLevel(token);
        } else if (depth == 2) {
            readNested(token);
        }
    }

    private void readTopLevel(JsonToken token) throws IOException {
        switch (key) {
            case "model" -> model = token == JsonToken.VALUE_STRING ? parser.getText() : "";
            case "stream" -> stream = token == JsonToken.VALUE_TRUE;
            case "max_tokens", "max_completion_tokens", "max_output_tokens" -> {
                if (token == JsonToken.VALUE_NUMBER_INT) {
                    maxTokens = OptionalInt.of((int) Math.min(Integer.MAX_VALUE, Math.max(1, parser.getLongValue())));
                }
            }
            case "encoding_format" -> base64 = "base64".equals(parser.getText());
            case "dimensions" -> dimensions = token == JsonToken.VALUE_NUMBER_INT ? parser.getIntValue() : dimensions;
            case "input" -> inputs = 1;
            default -> {}
        }
    }

    private void readNested(JsonToken token) {
        if (outerKey.equals("stream_options") && key.equals("include_usage")) {
            includeUsage = token == JsonToken.VALUE_TRUE;
        } else if (outerKey.equals("input")) {
            // An array of strings is as many inputs; an array of numbers is one, in tokens.
            inputs = token == JsonToken.VALUE_STRING ? inputs + 1 : Math.max(1, inputs);
        }
    }

    private void countNestedInput(JsonToken token) {
        if (depth == 3 && outerKey.equals("input") && token == JsonToken.START_ARRAY) {
            inputs++;
        }
    }
}
