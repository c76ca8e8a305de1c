package io.crowfly.balancer.message;

import io.crowfly.balancer.content.request.BodyFormat;
import io.crowfly.balancer.content.request.BodyScanner;
import io.crowfly.balancer.content.request.BodyScanner.ModelValue;
import io.crowfly.balancer.content.request.BodyScanner.State;
import io.crowfly.balancer.content.request.FormScanner;
import io.crowfly.balancer.content.request.RequestScanner;
import io.crowfly.balancer.content.request.SpanEdit;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Content of a request's body as far as it has been received: selects the scanner for the body's format, and returns
 * what the scanner has found. A body that no scanner reads contains nothing. Confined to the exchange's event loop.
 */
final class ScannedBody {

    private final RequestHead head;
    private final boolean exists;
    private final boolean compressed;
    private final BodyFormat format;

    /** Scanner of the body; null if the body can't be read. */
    private final @Nullable BodyScanner scanner;

    private long bytes;
    private boolean ended;

    /** @param readsSession whether the body configures a realtime session, including its model */
    ScannedBody(RequestHead head, boolean readsSession) {
        this.head = head;
        exists = head.hasBody();
        compressed = isCompressed(head.headers());
        format = exists ? formatOf(head) : BodyFormat.OTHER;
        scanner = scannerFor(format, head.headers(), readsSession);
    }

    private BodyFormat formatOf(RequestHead head) {
        if (head.bodyIsFirstMessage()) {
            // The headers of a WebSocket request do not describe its messages.
            return BodyFormat.JSON;
        }
        return compressed ? BodyFormat.OTHER : BodyFormat.of(head.headers().getAll(HttpHeaderNames.CONTENT_TYPE));
    }

    private static boolean isCompressed(HttpHeaders headers) {
        return headers.contains(HttpHeaderNames.CONTENT_ENCODING)
                && !headers.getAll(HttpHeaderNames.CONTENT_ENCODING).stream().allMatch("identity"::equalsIgnoreCase);
    }

    private static @Nullable BodyScanner scannerFor(BodyFormat format, HttpHeaders headers, boolean readsSession) {
        return switch (format) {
            case JSON, UNDECLARED_JSON -> readsSession ? RequestScanner.readingSession() : new RequestScanner();
            // Two content types, joined, are none that a form may have.
            case FORM -> new FormScanner(String.join(", ", headers.getAll(HttpHeaderNames.CONTENT_TYPE)));
            case OTHER -> null;
        };
    }

    /** Scans the next part. The caller keeps ownership of the data. */
    void onPart(ByteBuf data) {
        bytes += data.readableBytes();
        if (scanner != null && !ended) {
            scanner.scan(data);
        }
    }

    void onEnd() {
        ended = true;
    }

    /** Returns the number of bytes received so far. */
    long bytes() {
        return bytes;
    }

    boolean hasEnded() {
        return ended;
    }

    // Methods about the format.

    /** Returns whether the request has a compressed body, which no scanner reads. */
    boolean isCompressed() {
        return exists && compressed;
    }

    boolean isScanned() {
        return scanner != null;
    }

    boolean isForm() {
        return scanner instanceof FormScanner;
    }

    boolean isJson() {
        return scanner instanceof RequestScanner;
    }

    /** Returns whether the body is scanned as JSON, but its content type does not say so. */
    boolean isUndeclaredJson() {
        return format == BodyFormat.UNDECLARED_JSON;
    }

    // Methods about what was found.

    /** Returns the state of the scan; {@link State#UNDECIDED} for a body that is not scanned. */
    State state() {
        return scanner == null ? State.UNDECIDED : scanner.state();
    }

    /**
     * Returns false if the body is broken, or ends too early. Call only if the body {@linkplain #isScanned is scanned}.
     */
    boolean isReadable() {
        return switch (state()) {
            case COMPLETE -> true;
            case UNDECIDED -> !ended || bytes == 0;
            case NOT_AN_OBJECT, MALFORMED, TOO_DEEP -> false;
        };
    }

    /** Returns the error for a body that must be readable but is not. */
    ErrorResponse unreadable() {
        return scanner instanceof FormScanner form
                ? ErrorResponse.ambiguousForm(form.reason())
                : ErrorResponse.unreadableBody();
    }

    /**
     * Returns the error for JSON that is broken, or ends too early; empty if the body is valid so far, or has another
     * format.
     *
     * @param objectRequired whether the operation accepts only a JSON object
     */
    Optional<ErrorResponse> brokenJson(boolean objectRequired) {
        if (!isJson() || isReadable() || state() == State.TOO_DEEP) {
            return Optional.empty();
        }
        boolean mayBeOtherFormat = state() == State.NOT_AN_OBJECT
                ? !objectRequired || !declaresJson()
                : !objectRequired && !declaresJson();
        return mayBeOtherFormat
                ? Optional.empty()
                : Optional.of(
                        ErrorResponse.brokenJson(state() == State.UNDECIDED ? "it is incomplete" : scanner.reason()));
    }

    /** Returns whether there is a content type, and it is JSON: one document, not several. */
    private boolean declaresJson() {
        String type = head.headers().get(HttpHeaderNames.CONTENT_TYPE, "").toLowerCase(Locale.ROOT);
        String mediaType = type.substring(0, type.indexOf(';') < 0 ? type.length() : type.indexOf(';'))
                .trim();
        return format == BodyFormat.JSON
                && (head.bodyIsFirstMessage() || mediaType.equals("application/json") || mediaType.endsWith("+json"));
    }

    boolean namesModelTwice() {
        return scanner != null && scanner.duplicateModel();
    }

    /** See {@link BodyScanner#modelKnown}. */
    boolean modelKnown() {
        return scanner != null && scanner.modelKnown();
    }

    ModelValue modelValue() {
        return scanner == null ? ModelValue.ABSENT : scanner.modelValue();
    }

    /** Returns whether the body is a whole object or form without a model. */
    boolean lacksModel() {
        return state() == State.COMPLETE && modelValue() == ModelValue.ABSENT;
    }

    Optional<String> model() {
        return scanner == null ? Optional.empty() : scanner.model();
    }

    boolean streamRequested() {
        return scanner != null && scanner.streamRequested();
    }

    boolean storeEnabled() {
        return scanner != null && scanner.storeEnabled();
    }

    /** See {@link BodyScanner#continuesResponse}. */
    boolean continuesResponse() {
        return scanner != null && scanner.continuesResponse();
    }

    /** See {@link BodyScanner#mustRunOnce}. A body that is not scanned may contain anything. */
    boolean mustRunOnce() {
        return scanner == null ? exists : scanner.mustRunOnce();
    }

    List<String> references() {
        return scanner == null ? List.of() : scanner.referencedIds();
    }

    /**
     * Returns the edit that puts a model into the body; empty if the body may pass unchanged.
     *
     * @param addsMissing whether the model is added to a body that {@linkplain #lacksModel lacks} one
     */
    Optional<SpanEdit> modelEdit(String newModel, boolean addsMissing) {
        boolean needsEdit = modelKnown() ? !model().equals(Optional.of(newModel)) : addsMissing && lacksModel();
        return needsEdit ? Optional.of(scanner.renameModel(newModel)) : Optional.empty();
    }
}
