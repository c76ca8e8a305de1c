package io.crowfly.balancer.credential;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The members of a JSON object as far as they are text or numbers, as all of a token server's are that matter: RFC 6749
 * section 5, and Google's and Azure's kin of it. Numbers are taken as they are written, since Azure writes them as texts.
 *
 * @param members those of an object {@code error} (Google's other form) stand as {@code error.status}
 */
record TokenFields(Map<String, String> members) {

    private static final JsonFactory FACTORY = new JsonFactory();

    private static final String NESTED = "error";

    /** Empty if it is no JSON object: an HTML page of a gateway, or of the wrong address. */
    static Optional<TokenFields> read(byte[] json) {
        Map<String, String> members = new HashMap<>();
        try (JsonParser parser = FACTORY.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            object(parser, "", members);
            return Optional.of(new TokenFields(Map.copyOf(members)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static void object(JsonParser parser, String prefix, Map<String, String> members) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = prefix + parser.currentName();
            JsonToken value = parser.nextToken();
            if (value == JsonToken.START_OBJECT && name.equals(NESTED)) {
                object(parser, NESTED + '.', members);
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

    /** Some of them are secrets. */
    @Override
    public String toString() {
        return members.keySet().toString();
    }
}
