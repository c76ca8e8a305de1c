package io.crowfly.balancer.provider;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/*
 * The shapes, as seen in the wild:
 *
 *   {"error":{"message":…,"type":…,"param":…,"code":…}}                   OpenAI's: all four, strings or null
 *   {"error":{"code":"429","message":…,"innererror":{…}}}                 Azure's, more or less of it
 *   {"statusCode":401,"message":…}                                        API Management, in front of Azure
 *   {"error":{"code":429,"message":…,"status":"RESOURCE_EXHAUSTED"}}      Google's
 *   [{"error":{…}}]                                                       Google's, of streams and OpenAI-compatible calls
 *   {"object":"error","message":…,"type":…,"code":400}, {"detail":…}      inference servers and frameworks
 *   {"error":"invalid_grant","error_description":…}                       OAuth's, from what stands before an API
 */

/** What the body of an error says, in whose dialect soever. */
final class ErrorBody {

    private static final JsonFactory JSON = JsonFactory.builder()
            // Names come from outside, and would be kept for good.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private static final Set<String> OPENAI_MEMBERS = Set.of("message", "type", "param", "code");

    /** The same, of one object. */
    private static final class Members {

        private @Nullable String message;
        private @Nullable String type;
        private @Nullable String param;
        private @Nullable String code;
        private @Nullable String status;
        private boolean codeIsNumber;

        /** How many of OpenAI's four there are, in the form that they have there. */
        private int openAiMemberCount;

        private void read(String name, JsonParser json) throws IOException {
            JsonToken token = json.currentToken();
            String value = token.isScalarValue() && token != JsonToken.VALUE_NULL ? json.getText() : null;
            boolean textOrNull = token == JsonToken.VALUE_STRING || token == JsonToken.VALUE_NULL;
            switch (name) {
                case "message" -> {
                    message = value;
                    openAiMemberCount += token == JsonToken.VALUE_STRING ? 1 : 0;
                }
                case "type" -> {
                    type = value;
                    openAiMemberCount += textOrNull ? 1 : 0;
                }
                case "param" -> {
                    param = value;
                    openAiMemberCount += textOrNull ? 1 : 0;
                }
                case "code" -> {
                    code = value;
                    codeIsNumber = token.isNumeric();
                    openAiMemberCount += textOrNull ? 1 : 0;
                }
                case "status" -> status = token == JsonToken.VALUE_STRING ? value : null;
                default -> {}
            }
        }

        private boolean isGoogleError() {
            return codeIsNumber && status != null;
        }
    }

    private final byte[] body;
    private Members members = new Members();
    private boolean rootIsObject;
    private boolean hasErrorObject;
    private long retryNanos = -1;

    private ErrorBody(byte[] body) {
        this.body = body;
    }

    /** Reads as much as can be read. */
    static ErrorBody read(byte[] body) {
        ErrorBody read = new ErrorBody(body);
        try (JsonParser json = JSON.createParser(body)) {
            JsonToken first = json.nextToken();
            read.rootIsObject = first == JsonToken.START_OBJECT;
            if (read.rootIsObject || first == JsonToken.START_ARRAY && json.nextToken() == JsonToken.START_OBJECT) {
                read.readOutermost(json);
            }
            return read;
        } catch (IOException e) {
            // A page, or cut short: then who knows what the rest would have said.
            return new ErrorBody(body);
        }
    }

    private void readOutermost(JsonParser json) throws IOException {
        Members outer = new Members();
        Members error = new Members();
        String detail = null;
        String errorText = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            JsonToken token = json.nextToken();
            boolean isText = token == JsonToken.VALUE_STRING;
            if (name.equals("error") && token == JsonToken.START_OBJECT) {
                hasErrorObject = true;
                readError(json, error);
            } else if (name.equals("error") && isText) {
                errorText = json.getText();
            } else if ((name.equals("detail") || name.equals("error_description")) && isText) {
                detail = json.getText();
            } else {
                outer.read(name.equals("statusCode") ? "code" : name, json);
            }
            json.skipChildren();
        }
        if (outer.message == null) {
            outer.message = detail != null ? detail : errorText;
        }
        if (outer.code == null && detail != null) {
            outer.code = errorText;
        }
        members = hasErrorObject ? error : outer;
    }

    private void readError(JsonParser json, Members error) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            JsonToken token = json.nextToken();
            if (name.equals("details") && token == JsonToken.START_ARRAY) {
                while (json.nextToken() == JsonToken.START_OBJECT) {
                    readDetail(json);
                }
            } else {
                error.read(name, json);
            }
            json.skipChildren();
        }
    }

    /** Of Google's details only {@code google.rpc.RetryInfo} tells anything that a client of OpenAI's could go by. */
    private void readDetail(JsonParser json) throws IOException {
        String type = "";
        String delay = "";
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            boolean isText = json.nextToken() == JsonToken.VALUE_STRING;
            if (isText && name.equals("@type")) {
                type = json.getText();
            } else if (isText && name.equals("retryDelay")) {
                delay = json.getText();
            }
            json.skipChildren();
        }
        if (type.endsWith("/google.rpc.RetryInfo")) {
            retryNanos = Telemetry.parseGoDuration(delay);
        }
    }

    /** When to come back, in nanoseconds from now; negative if it is not said. */
    long retryNanos() {
        return retryNanos;
    }

    /** Whether it is in OpenAI's shape already. */
    boolean isOpenAiShape() {
        return rootIsObject && hasErrorObject && members.openAiMemberCount == OPENAI_MEMBERS.size();
    }

    /** The same in OpenAI's shape; in words of our own where there are none of a person's, be it that they are a page. */
    byte[] toOpenAiShape(int status) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeObjectFieldStart("error");
            if (members.message != null) {
                json.writeStringField("message", members.message);
                json.writeStringField("type", type(status));
                json.writeStringField("param", members.param);
                json.writeStringField("code", members.code);
            } else {
                json.writeStringField(
                        "message", "The backend answered with status " + status + " and did not say why.");
                json.writeStringField("type", typeForStatus(status));
                json.writeNullField("param");
                json.writeStringField("code", members.code == null ? Integer.toString(status) : members.code);
            }
            if (rootIsObject && hasErrorObject && !members.isGoogleError()) {
                copyOtherMembers(json);
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            // It was read a moment ago, and memory doesn't fail.
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private String type(int status) {
        if (members.type != null) {
            return members.type;
        }
        return members.isGoogleError() && members.status != null ? members.status : typeForStatus(status);
    }

    /**
     * Clients may take it for granted: of the four it is one of the two that are never null. OpenAI's own 429 says which limit
     * it was, {@code requests} or {@code tokens}, which isn't known here.
     */
    private static String typeForStatus(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 429 -> "rate_limit_error";
            default -> status < 500 ? "invalid_request_error" : "upstream_error";
        };
    }

    /** What else an error says: why Azure's content filter found what it found, for example. */
    private void copyOtherMembers(JsonGenerator json) throws IOException {
        try (JsonParser from = JSON.createParser(body)) {
            from.nextToken();
            while (from.nextToken() == JsonToken.FIELD_NAME) {
                boolean isError = from.currentName().equals("error");
                boolean isObject = from.nextToken() == JsonToken.START_OBJECT;
                while (isError && isObject && from.nextToken() == JsonToken.FIELD_NAME) {
                    String name = from.currentName();
                    from.nextToken();
                    if (OPENAI_MEMBERS.contains(name)) {
                        from.skipChildren();
                    } else {
                        json.writeFieldName(name);
                        json.copyCurrentStructure(from);
                    }
                }
                from.skipChildren();
            }
        }
    }
}
