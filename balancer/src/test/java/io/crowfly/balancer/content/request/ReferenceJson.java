package io.crowfly.balancer.content.request;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.crowfly.balancer.content.json.JsonTokenizer;
import io.crowfly.balancer.content.json.StateIds;
import io.crowfly.balancer.content.request.BodyScanner.ModelValue;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Content of a document as Jackson parses it, to compare a scanner with.
 *
 * <p>Jackson parses characters, decoded leniently, because the scanner does not check the validity of UTF-8.
 */
final class ReferenceJson {

    private static final JsonFactory JACKSON = new JsonFactory();
    private static final Set<String> ID_KEYS = Set.of("file_id", "file_ids", "previous_response_id");

    /** A Unicode escape that a non-ASCII character interrupts. Its backslash is the last of an odd number. */
    private static final Pattern NO_DIGIT =
            Pattern.compile("(?<!\\\\)((?:\\\\\\\\)*+\\\\u[0-9a-fA-F]{0,3})[^\\x00-\\x7F]");

    enum Verdict {
        OBJECT,
        NO_OBJECT,
        TOO_DEEP
    }

    /** All tokens in order: each token's kind, and its text if it has one. */
    final List<String> tokens = new ArrayList<>();

    /**
     * The value of each top-level {@code model}: a string, or the kind of another value; {@link ModelValue#MISSPELT}
     * for a misspelt key.
     */
    final List<Object> models = new ArrayList<>();

    /** Index in {@link #tokens} of the first model's value, or -1. */
    int firstModel = -1;

    final Set<String> ids = new LinkedHashSet<>();
    boolean stream;
    Verdict verdict;

    private int depth;

    private ReferenceJson(String text) {
        try (JsonParser parser = JACKSON.createParser(new StringReader(text))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                verdict = Verdict.NO_OBJECT;
                return;
            }
            boolean fits = container(parser, "", false, false);
            verdict = !fits ? Verdict.TOO_DEEP : parser.nextToken() == null ? Verdict.OBJECT : Verdict.NO_OBJECT;
        } catch (JsonProcessingException e) {
            verdict = Verdict.NO_OBJECT;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static ReferenceJson of(byte[] body) {
        String decoded = new String(body, StandardCharsets.UTF_8);
        // Jackson reads only the low byte of a character in an escape, so it reads U+2038 as an 8.
        String text = NO_DIGIT.matcher(decoded).replaceAll("$1x");
        return new ReferenceJson(text.startsWith("\uFEFF") ? text.substring(1) : text);
    }

    /** @return whether the nesting is within the limit */
    private boolean container(JsonParser parser, String key, boolean idsListed, boolean conversation)
            throws IOException {
        boolean object = parser.currentToken() == JsonToken.START_OBJECT;
        tokens.add(object ? "{" : "[");
        if (++depth > JsonTokenizer.MAX_DEPTH) {
            return false;
        }
        String name = key;
        for (JsonToken token; (token = parser.nextToken()) != JsonToken.END_ARRAY && token != JsonToken.END_OBJECT; ) {
            if (token == JsonToken.FIELD_NAME) {
                name = parser.currentName();
                tokens.add("key " + name);
                if (depth == 1 && name.equals("model") && firstModel < 0) {
                    firstModel = tokens.size();
                }
                continue;
            }
            boolean isId = object ? ID_KEYS.contains(name) || name.equals("id") && conversation : idsListed;
            if (token.isStructStart()) {
                if (depth == 1 && object) {
                    topLevel(name, token);
                }
                boolean list = token == JsonToken.START_ARRAY && object && isId;
                if (!container(parser, name, list, object && name.equals("conversation"))) {
                    return false;
                }
            } else {
                scalar(parser, token, object ? name : "", isId);
            }
        }
        depth--;
        tokens.add(object ? "}" : "]");
        return true;
    }

    private void scalar(JsonParser parser, JsonToken token, String name, boolean isId) throws IOException {
        String text = withoutHalfPairs(parser.getText());
        tokens.add(token + " " + text);
        if (depth == 1) {
            topLevel(name, token == JsonToken.VALUE_STRING ? text : token);
        }
        boolean id = isId || name.equals("conversation") || name.equals("id") && text.startsWith("rs_");
        if (id && token == JsonToken.VALUE_STRING && text.matches("[!-~]{1," + StateIds.MAX_ID_BYTES + "}")) {
            ids.add(text);
        }
    }

    private void topLevel(String name, Object value) {
        if (name.equals("model")) {
            models.add(value);
        } else if (name.split("\0", 2)[0].equalsIgnoreCase("model")) {
            models.add(ModelValue.MISSPELT);
        } else if (name.equals("stream")) {
            stream = value == JsonToken.VALUE_TRUE;
        }
    }

    private static String withoutHalfPairs(String text) {
        StringBuilder whole = new StringBuilder();
        text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                .forEach(whole::appendCodePoint);
        return whole.toString();
    }
}
