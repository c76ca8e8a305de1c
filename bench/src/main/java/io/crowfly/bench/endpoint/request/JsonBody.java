package io.crowfly.bench.endpoint.request;

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
 * Reader of a JSON request to the simulated endpoint. It parses the body as it arrives and keeps only the fields that
 * the response depends on, so that memory does not grow with the body. This class tracks the position in the JSON;
 * {@link JsonRequestFields} interprets the values.
 */
public final class JsonBody implements RequestBody {

    /**
     * Limit of one string, in characters. An image in base64 is one string, but no provider accepts such a long one.
     */
    private static final int MAX_STRING_CHARS = 128 * 1024 * 1024;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(MAX_STRING_CHARS)
                    .build())
            .build();

    private final JsonParser parser;
    private final ByteBufferFeeder feeder;
    private final JsonRequestFields fields = new JsonRequestFields();
    private boolean malformed;
    private boolean complete;
    private int depth;

    public JsonBody() {
        try {
            parser = JSON.createNonBlockingByteBufferParser();
            feeder = (ByteBufferFeeder) parser.getNonBlockingInputFeeder();
        } catch (IOException e) {
            throw new IllegalStateException("opening a parser without input failed", e);
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
    public Optional<ParsedRequest> finish() {
        try {
            if (!malformed) {
                feeder.endOfInput();
                readTokens();
            }
            parser.close();
        } catch (IOException e) {
            malformed = true;
        }
        return malformed || !complete ? Optional.empty() : Optional.of(fields.toRequest());
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
            fields.key(depth, parser.currentName());
        } else if (token.isStructStart()) {
            depth++;
            fields.beginStruct(depth, token);
        } else if (token.isStructEnd()) {
            depth--;
            complete = depth == 0;
        } else {
            fields.value(depth, token, parser);
        }
    }
}
