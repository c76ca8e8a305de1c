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

/**
 * Reads a request's JSON as it arrives and keeps only what an answer depends on, so that its size doesn't matter. What is
 * where in the text is this class's business, what it means is {@link JsonAsked}'s.
 */
final class JsonBody implements RequestBody {

    /** A picture in base64 is one string; 128 Mi characters is more than any provider takes. */
    private static final int LONGEST_STRING = 128 * 1024 * 1024;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(LONGEST_STRING)
                    .build())
            .build();

    private final JsonParser parser;
    private final ByteBufferFeeder feeder;
    private final JsonAsked asked = new JsonAsked();
    private boolean malformed;
    private boolean complete;
    private int depth;

    JsonBody() {
        try {
            parser = JSON.createNonBlockingByteBufferParser();
            feeder = (ByteBufferFeeder) parser.getNonBlockingInputFeeder();
        } catch (IOException e) {
            throw new IllegalStateException("a parser without input can't fail to open", e);
        }
    }

    @Override
    public void feed(ByteBuf chunk) {
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

    @Override
    public Optional<Asked> end() {
        try {
            if (!malformed) {
                feeder.endOfInput();
                readTokens();
            }
            parser.close();
        } catch (IOException e) {
            malformed = true;
        }
        return malformed || !complete ? Optional.empty() : Optional.of(asked.result());
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
            asked.key(depth, parser.currentName());
        } else if (token.isStructStart()) {
            depth++;
            asked.begin(depth, token);
        } else if (token.isStructEnd()) {
            depth--;
            complete = depth == 0;
        } else {
            asked.value(depth, token, parser);
        }
    }
}
