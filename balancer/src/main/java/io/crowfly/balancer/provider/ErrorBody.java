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
 * The shapes that backends send:
 *
 *   {"error":{"message":…,"type":…,"param":…,"code":…}}                   OpenAI: all four members, strings or null
 *   {"error":{"code":"429","message":…,"innererror":{…}}}                 Azure: some or all of these members
 *   {"statusCode":401,"message":…}                                        Azure API Management
 *   {"error":{"code":429,"message":…,"status":"RESOURCE_EXHAUSTED"}}      Google
 *   [{"error":{…}}]                                                       Google: streams and OpenAI-compatible calls
 *   {"object":"error","message":…,"type":…,"code":400}, {"detail":…}      inference servers and frameworks
 *   {"error":"invalid_grant","error_description":…}                       OAuth, from a gateway in front of an API
 */

/** Parser of a backend's error body in any known format, and converter to OpenAI's format. */
final class ErrorBody {

    private static final JsonFactory JSON = JsonFactory.builder()
            // With these features, the factory would keep names from untrusted input for ever.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private static final Set<String> OPENAI_MEMBERS = Set.of("message", "type", "param", "code");

    /** The members of one JSON object that error formats use; other members are ignored. */
    private static final class Members {

        private @Nullable String message;
        private @Nullable String type;
        private @Nullable String param;
        private @Nullable String code;
        private @Nullable String status;
        private boolean codeIsNumber;

        /** Number of OpenAI's four members that are present with the type that OpenAI uses. */
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

    /** Reads a body. If the body is not valid JSON, the result has no members. */
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
            // The body is an HTML page, or is incomplete and the missing part may matter.
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

    /** Reads {@code google.rpc.RetryInfo}, the only one of Google's details that OpenAI's clients can use. */
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

    /** Returns the delay before a retry, in nanoseconds; negative if the body has none. */
    long retryNanos() {
        return retryNanos;
    }

    /** Returns whether the body already has OpenAI's format. */
    boolean isOpenAiShape() {
        return rootIsObject && hasErrorObject && members.openAiMemberCount == OPENAI_MEMBERS.size();
    }

    /**
     * Returns the error in OpenAI's format. If the body has no message, as in an HTML page, Crowfly's own message is
     * used.
     */
    byte[] toOpenAiShape(int status) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeObjectFieldStart("error");
            json.writeStringField("message", message(status));
            json.writeStringField("type", members.message == null ? typeForStatus(status) : type(status));
            json.writeStringField("param", members.message == null ? null : members.param);
            json.writeStringField("code", code(status));
            if (rootIsObject && hasErrorObject && !members.isGoogleError()) {
                copyOtherMembers(json);
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            // Cannot happen: the body was parsed before, and the output is in memory.
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Returns the message; Crowfly's own if the body has none. */
    String message(int status) {
        return members.message != null
                ? members.message
                : "The backend responded with status " + status + " and gave no reason.";
    }

    /** Returns the code; the status if the body has neither a code nor a message. */
    @Nullable
    String code(int status) {
        return members.code == null && members.message == null ? Integer.toString(status) : members.code;
    }

    private String type(int status) {
        if (members.type != null) {
            return members.type;
        }
        return members.isGoogleError() && members.status != null ? members.status : typeForStatus(status);
    }

    /**
     * Returns a {@code type} that fits the status, because clients may rely on a {@code type} that is not null. In
     * OpenAI's own 429, the type is the exceeded limit, {@code requests} or {@code tokens}, which is unknown here.
     */
    private static String typeForStatus(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 429 -> "rate_limit_error";
            default -> status < 500 ? "invalid_request_error" : "upstream_error";
        };
    }

    /** Copies the other members of the error, for example the result of Azure's content filter. */
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
