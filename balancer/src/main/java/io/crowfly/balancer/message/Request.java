package io.crowfly.balancer.message;

import io.crowfly.balancer.affinity.Owner;
import io.crowfly.balancer.affinity.StatePath;
import io.crowfly.balancer.content.request.BodyScanner;
import io.crowfly.balancer.content.request.BodyScanner.ModelValue;
import io.crowfly.balancer.content.request.FormScanner;
import io.crowfly.balancer.content.request.RequestScanner;
import io.crowfly.balancer.content.request.SpanEdit;
import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.provider.ClientCredential;
import io.crowfly.balancer.provider.ClientTarget;
import io.crowfly.balancer.provider.Dialect;
import io.crowfly.balancer.routing.RequestFacts;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Limits;
import io.crowfly.conf.value.Glob;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.RequestClass;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A client's request as far as it has been received, with the facts that its head and body reveal. Owns the held part
 * of the body. Confined to the exchange's loop.
 */
public final class Request {

    /**
     * Paths whose requests need a model. {@code /v1/responses} is not among them, because a stored prompt may name the
     * model. For images and moderations OpenAI has a default model, but a cloud with deployments has none.
     */
    private static final Set<String> ALWAYS_NAME_MODELS = Set.of(
            "/v1/chat/completions",
            "/v1/completions",
            "/v1/embeddings",
            "/v1/audio/speech",
            "/v1/audio/transcriptions",
            "/v1/audio/translations",
            "/v1/images/edits",
            "/v1/images/generations",
            "/v1/moderations");

    public final RequestHead head;
    public final ClientTarget target;
    public final String id;
    public final HeldBody held;
    public final StatePath statePath;

    /** A credential of the client that may be a secret which one backend issued. */
    public final Optional<AttachedCredential.RealtimeSecret> clientSecret;

    /** Present if the body can be read. */
    private final @Nullable BodyScanner scanner;

    private RequestClass requestClass;
    private long bytes;
    private boolean ended;
    private HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
    private long endedNanos;

    /** @param memory for the held part of the body */
    public Request(RequestHead received, String id, HeldMemory memory) {
        this.id = id;
        held = new HeldBody(memory);
        target = ClientTarget.parse(received.target());
        head = WebSocketRequests.interpret(received, target.path());
        // A message on the WebSocket has the effect of a POST to the same path.
        statePath = StatePath.of(head.bodyIsFirstMessage() ? HttpMethod.POST : head.method(), target.path());
        clientSecret = ClientCredential.realtimeSecret(target, head.headers());
        scanner = head.hasBody() ? scannerFor(head, statePath.returnsSecret()) : null;
        requestClass =
                new RequestClass(Api.forTarget(target.path()), target.model().orElse(""), false);
    }

    /**
     * Selects the scanner by the content type. A body without a content type, or with curl's default one, may be JSON.
     *
     * @param readsSession whether the body configures a realtime session, including its model
     */
    private static @Nullable BodyScanner scannerFor(RequestHead head, boolean readsSession) {
        HttpHeaders headers = head.headers();
        if (head.bodyIsFirstMessage()) {
            // The headers of a WebSocket request do not describe its messages.
            return new RequestScanner();
        } else if (isCompressed(headers)
                || headers.getAll(HttpHeaderNames.CONTENT_TYPE).size() > 1) {
            return null;
        }
        String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "");
        String lower = type.toLowerCase(Locale.ROOT);
        if (lower.startsWith("multipart/form-data")) {
            return new FormScanner(type);
        }
        boolean mayBeJson =
                type.isEmpty() || lower.contains("json") || lower.startsWith("application/x-www-form-urlencoded");
        if (!mayBeJson) {
            return null;
        }
        return readsSession ? RequestScanner.readingSession() : new RequestScanner();
    }

    private static boolean isCompressed(HttpHeaders headers) {
        return headers.contains(HttpHeaderNames.CONTENT_ENCODING)
                && !headers.contains(HttpHeaderNames.CONTENT_ENCODING, "identity", true);
    }

    /** Scans the next part of the body. The caller keeps ownership of the data. */
    public void onBody(ByteBuf data) {
        bytes += data.readableBytes();
        if (scanner != null && !ended) {
            scanner.scan(data);
        }
    }

    public void onEnd(HttpHeaders withTrailers) {
        ended = true;
        trailers = withTrailers;
        endedNanos = System.nanoTime();
    }

    /** Returns the number of body bytes received so far. */
    public long bytes() {
        return bytes;
    }

    public boolean ended() {
        return ended;
    }

    /** Returns the trailers. Call only if the request has {@linkplain #ended ended}. */
    public HttpHeaders trailers() {
        return trailers;
    }

    /**
     * Returns the {@link System#nanoTime} at which the request was complete, from which the response's timeout runs.
     * Call only if the request has {@linkplain #ended ended}.
     */
    public long endedNanos() {
        return endedNanos;
    }

    // Holding.

    /** Returns the largest size that the held body may reach, in bytes. */
    private long expectedSize(Limits limits) {
        return head.contentLength() < 0 ? limits.heldSize() : Math.min(head.contentLength(), limits.heldSize());
    }

    /** Returns whether there is memory for holding more of the body. Reserves the memory if necessary. */
    public boolean mayHoldMore(Limits limits) {
        long expected = expectedSize(limits);
        if (held.bytes() <= HeldBody.FREE_BYTES) {
            return held.reserve(held.bytes(), limits.heldTotal());
        }
        return held.bytes() < HeldBody.MEDIUM_BYTES
                ? held.reserve(Math.min(expected, HeldBody.MEDIUM_BYTES), limits.heldTotal() / 2)
                : held.reserve(expected, limits.heldTotal());
    }

    // Content of the body.

    /**
     * Returns whether the received part of the body contains all that routing needs. A body that is not scanned
     * contains nothing for routing.
     *
     * @param modelsDecide whether the route depends on the model
     * @param byReferences whether the route depends on ids of stored objects
     */
    public boolean isDecided(boolean modelsDecide, boolean byReferences) {
        if (head.bodyIsFirstMessage()) {
            // The message is sent with its length after the backend's 101 response. Then it is too late to refuse it.
            return ended;
        }
        // For some backends, a model in the path has to be added to the body unless the body has it as well.
        boolean byModel = modelsDecide && mayNameModel() || target.model().isPresent();
        if (scanner == null || ended) {
            return true;
        }
        return switch (scanner.state()) {
            case COMPLETE, NOT_AN_OBJECT, MALFORMED, TOO_DEEP -> true;
            case UNDECIDED -> (!byModel || scanner.modelKnown()) && !(byReferences && mayReferToState());
        };
    }

    /** Returns whether the end of the body may still refer to state that one backend keeps. A form never does. */
    private boolean mayReferToState() {
        return statePath.concernsState(false) && scanner instanceof RequestScanner;
    }

    /**
     * Returns false for uploaded files and their parts, which have no model field and are the largest of all bodies.
     */
    private boolean mayNameModel() {
        boolean isFile = scanner instanceof FormScanner && statePath.concernsState(false);
        return !isFile || target.path().startsWith("/v1/videos");
    }

    public boolean isTooDeep() {
        return scanner != null && scanner.state() == BodyScanner.State.TOO_DEEP;
    }

    public boolean namesModelTwice() {
        return scanner != null && scanner.duplicateModel();
    }

    /** Returns whether the body after its model's name is unreadable. Another model's name may be there. */
    public boolean hidesModel() {
        return scanner != null
                && scanner.modelKnown()
                && (scanner.state() == BodyScanner.State.MALFORMED || scanner.state() == BodyScanner.State.TOO_DEEP);
    }

    /**
     * Returns the error for a request whose model is required for routing but absent, invalid or in an unreadable body.
     */
    public Optional<ErrorResponse> modelError(boolean modelsDecide) {
        boolean namedInPath = target.model().isPresent();
        if (namedInPath && modelIsUnread()) {
            // Some backends use the model in the body, others the one in the path. The two must be the same.
            return Optional.of(ErrorResponse.unreadableBody());
        } else if (namedInPath || !modelsDecide) {
            return Optional.empty();
        }
        boolean needsModel = requestClass.api() != Api.OTHER || !statePath.concernsState(false);
        if (needsModel && head.hasBody() && isCompressed(head.headers())) {
            return Optional.of(ErrorResponse.compressedBody());
        }
        if (scanner == null) {
            return Optional.empty();
        }
        return switch (scanner.modelValue()) {
            case BLANK, NOT_A_STRING, NOT_A_NAME -> Optional.of(ErrorResponse.invalidModel());
            case MISSPELT -> Optional.of(ErrorResponse.modelMisspelt());
            case ABSENT ->
                scanner.state() == BodyScanner.State.COMPLETE && ALWAYS_NAME_MODELS.contains(target.path())
                        ? Optional.of(ErrorResponse.modelRequired())
                        : Optional.empty();
            case NAME, TOO_LONG -> Optional.empty();
        };
    }

    public List<String> references() {
        return scanner == null ? List.of() : scanner.referencedIds();
    }

    /** Returns the class by the part of the body received so far. Model and {@code stream} may be at the body's end. */
    public RequestClass requestClass() {
        if (scanner != null) {
            String model = target.model().or(scanner::model).orElse("");
            if (scanner.streamRequested() != requestClass.streamed() || !model.equals(requestClass.model())) {
                requestClass = new RequestClass(requestClass.api(), model, scanner.streamRequested());
            }
        }
        return requestClass;
    }

    public String model() {
        return requestClass().model();
    }

    public RetryClass retryClass() {
        return scanner == null
                ? RetryClass.of(head.method(), target.path(), false, false, head.hasBody())
                : RetryClass.of(
                        head.method(),
                        target.path(),
                        scanner.storeEnabled(),
                        scanner.storeDisabled(),
                        scanner.usesStoredState());
    }

    /** Returns whether the response contains ids of objects that the backend keeps. */
    public boolean createsState() {
        return statePath.concernsState(scanner != null && scanner.storeEnabled());
    }

    /** Returns whether the response is scanned: for tokens, for usage, or for ids of stored objects. */
    public boolean needsResponseInspection() {
        return requestClass.api() != Api.OTHER || createsState();
    }

    /** Returns whether the request creates an object that lists will show, and has no model that selects a backend. */
    public boolean createsListedState() {
        return statePath.creates(false) && model().isEmpty();
    }

    /**
     * Returns whether a 404 may mean the model: the operation is one on a model, not on an object that a backend keeps.
     */
    public boolean namesModel() {
        RequestClass current = requestClass();
        return current.api() != Api.OTHER && !current.model().isEmpty();
    }

    // For one backend.

    /** Returns the backend's own name of the model; empty if the request names none. */
    public String modelAt(Backend backend) {
        String model = model();
        return model.isEmpty() ? "" : backend.models().backendName(model).orElse(model);
    }

    /** Returns the edit that puts the backend's model name into the body; empty if the body may pass unchanged. */
    public Optional<SpanEdit> modelEdit(Backend backend, Dialect dialect) {
        String backendModel = modelAt(backend);
        if (scanner == null || backendModel.isEmpty() || dialect.namesModelInTarget(target)) {
            return Optional.empty();
        }
        if (scanner.modelKnown()) {
            return scanner.model().equals(Optional.of(backendModel))
                    ? Optional.empty()
                    : Optional.of(scanner.renameModel(backendModel));
        }
        boolean lacksModel = scanner.state() == BodyScanner.State.COMPLETE && scanner.modelValue() == ModelValue.ABSENT;
        return lacksModel && target.model().isPresent()
                ? Optional.of(scanner.renameModel(backendModel))
                : Optional.empty();
    }

    /**
     * Returns the facts that routing rules use.
     *
     * @param owner of the state that the request refers to. A client secret's model was checked against the rules when
     *     the secret was created, so an unread model does not matter for a secret
     */
    public RequestFacts facts(Owner owner) {
        return new RequestFacts(
                requestClass(),
                modelIsUnread() && !(owner instanceof Owner.OfSecret),
                target.path(),
                this::anyHeaderMatches,
                Math.max(head.contentLength(), bytes));
    }

    /** Returns whether a backend may find a model in the request that Crowfly could not read. */
    private boolean modelIsUnread() {
        if (scanner == null) {
            // The messages of a realtime session may name a model that the query does not.
            return head.hasBody()
                    || target.path().equals("/v1/realtime") && target.model().isEmpty();
        }
        return switch (scanner.state()) {
            case NOT_AN_OBJECT, MALFORMED, TOO_DEEP -> true;
            case UNDECIDED, COMPLETE ->
                // A body that ends before its scanner has found the end, or even the beginning, may be in another
                // format.
                scanner.state() == BodyScanner.State.UNDECIDED && ended && bytes > 0
                        || scanner.modelValue() == ModelValue.TOO_LONG
                        || scanner.modelValue() == ModelValue.NOT_A_NAME
                        || scanner.modelValue() == ModelValue.MISSPELT
                        || scanner.modelValue() == ModelValue.ABSENT && configuresSession();
        };
    }

    /**
     * Returns whether the request configures a session. Its model may be where no scanner reads, as in a form field's
     * JSON.
     */
    private boolean configuresSession() {
        return target.path().startsWith("/v1/realtime/") && statePath.ids().isEmpty() && statePath.creates(false);
    }

    private boolean anyHeaderMatches(String name, Glob value) {
        for (String each : head.headers().getAll(name)) {
            if (value.matches(each)) {
                return true;
            }
        }
        return false;
    }
}
