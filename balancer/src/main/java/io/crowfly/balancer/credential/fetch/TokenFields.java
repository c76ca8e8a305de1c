package io.crowfly.balancer.credential.fetch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Text and number members of a token server's JSON response (RFC 6749, section 5, and the variants of Google and
 * Azure). Also used for key files. Numbers are kept as text, because Azure sends them as strings.
 *
 * @param members values by name; a member of an object {@code error} (Google's other form) has a name like {@code
 *     error.status}
 */
record TokenFields(Map<String, String> members) {

    /** Accepts {@code NaN} and very long numbers, so that a failure is attributed to the member and not to the body. */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNumberLength(SecretText.MAX_BYTES)
                    .build())
            .build();

    private static final String NESTED = "error";

    /**
     * Reads a JSON object.
     *
     * @return empty if the body is not a JSON object, for example an HTML page of a gateway or of a wrong address
     */
    static Optional<TokenFields> read(byte[] json) {
        Map<String, String> members = new HashMap<>();
        try (JsonParser parser = FACTORY.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            readObject(parser, "", members);
            return Optional.of(new TokenFields(Map.copyOf(members)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static void readObject(JsonParser parser, String prefix, Map<String, String> members) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = prefix + parser.currentName();
            JsonToken value = parser.nextToken();
            if (value == JsonToken.START_OBJECT && name.equals(NESTED)) {
                readObject(parser, NESTED + '.', members);
            } else if (value.isStructStart()) {
                parser.skipChildren();
            } else if (value != JsonToken.VALUE_NULL) {
                members.put(name, parser.getText());
            }
        }
    }

    Optional<String> find(String name) {
        return Optional.ofNullable(members.get(name));
    }

    /** Returns only the names, because some values are secrets. */
    @Override
    public String toString() {
        return members.keySet().toString();
    }
}
