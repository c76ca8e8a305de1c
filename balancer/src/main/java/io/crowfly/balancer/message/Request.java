package io.crowfly.balancer.message;

import io.crowfly.balancer.affinity.Owner;
import io.crowfly.balancer.affinity.StatePath;
import io.crowfly.balancer.content.request.BodyScanner;
import io.crowfly.balancer.content.request.BodyScanner.ModelValue;
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

/**
 * A client's request as far as it has been received: scans and holds its body, and returns the facts that routing,
 * retries and dialects need. Owns the held part of the body. Confined to the exchange's event loop.
 */
public final class Request {

    /**
     * Paths whose requests must name a model. {@code /v1/responses} is not in the set, because a stored prompt may name
     * the model. For images and moderations OpenAI has a default model, but a cloud with deployments has none.
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

    /** Beginnings of the paths to which files are uploaded as forms, which pass to the backend while they arrive. */
    private static final List<String> UPLOADS =
            List.of("/v1/files", "/v1/uploads/", "/v1/audio/", "/v1/containers/", "/v1/skills");

    public final RequestHead head;
    public final ClientTarget target;
    public final String id;
    public final HeldBody held;
    public final StatePath statePath;

    /** Credential of the client that may be a secret which one backend issued for a realtime session. */
    public final Optional<AttachedCredential.RealtimeSecret> clientSecret;

    private final ScannedBody body;
    private RequestClass requestClass;

    /** Whether the route was chosen by a model that the scanner has read, or by its absence. */
    private boolean routedByScan;

    private HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
    private long endedNanos;

    /** @param memory account of the memory for the held part of the body */
    public Request(RequestHead received, String id, HeldMemory memory) {
        this.id = id;
        held = new HeldBody(memory);
        target = ClientTarget.parse(received.target());
        head = WebSocketRequests.interpret(received, target.path());
        // A message on the WebSocket has the effect of a POST to the same path.
        statePath = StatePath.of(head.bodyIsFirstMessage() ? HttpMethod.POST : head.method(), target.path());
        clientSecret = ClientCredential.realtimeSecret(target, head.headers());
        body = new ScannedBody(head, statePath.returnsSecret());
        requestClass = RequestClass.withoutModel(Api.forTarget(target.path()));
    }

    /** Scans the next part of the body. The caller keeps ownership of the data. */
    public void onBody(ByteBuf data) {
        body.onPart(data);
    }

    public void onEnd(HttpHeaders withTrailers) {
        body.onEnd();
        trailers = withTrailers;
        endedNanos = System.nanoTime();
    }

    /** Returns the number of body bytes received so far. */
    public long bytes() {
        return body.bytes();
    }

    public boolean ended() {
        return body.hasEnded();
    }

    /** Returns the trailers. Call only if the request has {@linkplain #ended ended}. */
    public HttpHeaders trailers() {
        return trailers;
    }

    /**
     * Returns when the request was complete, in {@link System#nanoTime} time. The timeout for the response starts then.
     * Call only if the request has {@linkplain #ended ended}.
     */
    public long endedNanos() {
        return endedNanos;
    }

    // Methods about holding the body.

    /** Returns the largest size that the held body may reach, in bytes. */
    private long expectedSize(Limits limits) {
        return head.contentLength() < 0 ? limits.heldSize() : Math.min(head.contentLength(), limits.heldSize());
    }

    /** Returns whether there is memory to hold more of the body. Reserves the memory if necessary. */
    public boolean mayHoldMore(Limits limits) {
        long expected = expectedSize(limits);
        if (held.bytes() <= HeldBody.FREE_BYTES) {
            return held.reserve(held.bytes(), limits.heldTotal());
        }
        return held.bytes() < HeldBody.MEDIUM_BYTES
                ? held.reserve(Math.min(expected, HeldBody.MEDIUM_BYTES), limits.heldTotal() / 2)
                : held.reserve(expected, limits.heldTotal());
    }

    /** Returns the largest size that the body may have, in bytes. */
    public long maxBodyBytes(Limits limits) {
        boolean isUpload = body.isForm() && UPLOADS.stream().anyMatch(target.path()::startsWith);
        return isUpload ? limits.uploadSize() : limits.bodySize();
    }

    // Methods about the content of the body.

    /**
     * Returns whether the received part of the body contains all that routing needs. A body that is not scanned
     * contains nothing for routing.
     *
     * @param modelsDecide whether the route depends on the model
     * @param byReferences whether the route depends on ids of stored objects
     */
    public boolean isDecided(boolean modelsDecide, boolean byReferences) {
        if (head.bodyIsFirstMessage()) {
            // Crowfly waits for the whole message, because the message is sent to the backend with its length, after
            // the backend's 101 response. Then it would be too late to refuse the message.
            return body.hasEnded();
        }
        // A model in the path is a reason to wait for the model in the body too: for some backends, the model must be
        // added to the body if it is missing there.
        boolean byModel = modelsDecide && mayNameModel() || target.model().isPresent();
        if (!body.isScanned() || body.hasEnded()) {
            return true;
        }
        return switch (body.state()) {
            case COMPLETE, NOT_AN_OBJECT, MALFORMED, TOO_DEEP -> true;
            case UNDECIDED -> (!byModel || body.modelKnown()) && !(byReferences && mayReferToState());
        };
    }

    /** Returns whether the rest of the body may still refer to an object that one backend keeps. A form never does. */
    private boolean mayReferToState() {
        return statePath.concernsState(false) && body.isJson();
    }

    /**
     * Returns whether the body may contain a model. An uploaded file or a part of it does not, and such bodies are the
     * largest.
     */
    private boolean mayNameModel() {
        boolean isFile = body.isForm() && statePath.concernsState(false);
        return !isFile || target.path().startsWith("/v1/videos");
    }

    public boolean isTooDeep() {
        return body.state() == BodyScanner.State.TOO_DEEP;
    }

    public boolean namesModelTwice() {
        return body.namesModelTwice();
    }

    /**
     * Records that the route is chosen by what has been read of the body.
     *
     * @param modelsDecide whether the route depends on the model
     */
    public void onRouted(boolean modelsDecide) {
        routedByScan = modelsDecide && body.isScanned() && body.isReadable();
    }

    /**
     * Returns whether the body is not readable after the part by which its route was chosen. Another model's name may
     * be there.
     */
    public boolean hidesModel() {
        return routedByScan && mayNameModel() && !body.isReadable();
    }

    /**
     * Returns whether the request to the backend must declare the body as JSON. Some servers read a body without a
     * content type, or with curl's default one, as the fields of a form. Such a server could find another model there.
     */
    public boolean declaresJson() {
        return routedByScan && body.isUndeclaredJson();
    }

    /** Returns the error for JSON that is broken, or ends too early; empty if the body is valid so far. */
    public Optional<ErrorResponse> brokenJson() {
        return body.brokenJson(requestClass.api() != Api.OTHER);
    }

    /**
     * Returns the error for a body that {@linkplain #hidesModel hides} a model, or that must be readable but is not.
     */
    public ErrorResponse unreadable() {
        return body.unreadable();
    }

    /**
     * Returns the error for a request whose model is absent, invalid or unreadable; empty if the request can be routed.
     *
     * @param modelsDecide whether the route depends on the model
     */
    public Optional<ErrorResponse> modelError(boolean modelsDecide) {
        boolean namedInPath = target.model().isPresent();
        if (!namedInPath && !modelsDecide) {
            return Optional.empty();
        } else if (isPost() && target.namesModelInQuery()) {
            return Optional.of(ErrorResponse.modelInQuery());
        } else if (body.isForm() && mayNameModel() && !body.isReadable()) {
            return Optional.of(unreadable());
        }
        return namedInPath ? errorBesideModelInPath() : modelErrorInBody();
    }

    /** Some backends use the model in the body, others the one in the path. The two must be the same. */
    private Optional<ErrorResponse> errorBesideModelInPath() {
        if (body.modelValue() == ModelValue.NOT_A_STRING) {
            return Optional.of(ErrorResponse.invalidModel());
        }
        return modelIsUnread() ? Optional.of(ErrorResponse.unreadableBody()) : Optional.empty();
    }

    private Optional<ErrorResponse> modelErrorInBody() {
        boolean needsModel = requestClass.api() != Api.OTHER || !statePath.concernsState(false);
        if (needsModel && body.isCompressed()) {
            return Optional.of(ErrorResponse.compressedBody());
        }
        return switch (body.modelValue()) {
            case BLANK, NOT_A_STRING, NOT_A_NAME -> Optional.of(ErrorResponse.invalidModel());
            case MISSPELT -> Optional.of(ErrorResponse.modelMisspelt());
            case TOO_LONG -> Optional.of(ErrorResponse.modelTooLong());
            case ABSENT ->
                body.lacksModel() && ALWAYS_NAME_MODELS.contains(target.path())
                        ? Optional.of(ErrorResponse.modelRequired())
                        : Optional.empty();
            case NAME -> Optional.empty();
        };
    }

    public List<String> references() {
        return body.references();
    }

    /**
     * Returns the class of the request by the part of the body received so far. The class may change, because model and
     * {@code stream} may be at the body's end.
     */
    public RequestClass requestClass() {
        String model = target.model().or(body::model).orElse("");
        if (body.streamRequested() != requestClass.streamed() || !model.equals(requestClass.model())) {
            requestClass = new RequestClass(requestClass.api(), model, body.streamRequested());
        }
        return requestClass;
    }

    public String model() {
        return requestClass().model();
    }

    public RetryClass retryClass() {
        // A field that is not readable counts as present where the request stores its result by default.
        boolean mayHideField = body.isScanned() && statePath.creates(false) && !body.isReadable();
        return RetryClass.of(
                head.method(),
                target.path(),
                body.storeEnabled(),
                body.continuesResponse(),
                body.mustRunOnce() || mayHideField);
    }

    /** Returns whether the response contains ids of objects that the backend keeps. */
    public boolean createsState() {
        return statePath.concernsState(body.storeEnabled());
    }

    /** Returns whether the response must be scanned: for tokens, for usage, or for ids of stored objects. */
    public boolean needsResponseInspection() {
        return requestClass.api() != Api.OTHER || createsState();
    }

    /**
     * Returns whether the request creates an object that lists will show, and names no model that selects a backend.
     */
    public boolean createsListedState() {
        return statePath.creates(false) && model().isEmpty();
    }

    /**
     * Returns whether the model may be the reason for a 404: the operation uses a model, not an object that a backend
     * keeps.
     */
    public boolean namesModel() {
        RequestClass current = requestClass();
        return current.api() != Api.OTHER && !current.model().isEmpty();
    }

    // Methods about one backend.

    /** Returns the backend's name of the model; empty if the request names none. */
    public String modelAt(Backend backend) {
        String model = model();
        return model.isEmpty() ? "" : backend.models().backendName(model).orElse(model);
    }

    /**
     * Returns the edit that puts the backend's name of the model into the body; empty if the body may pass unchanged.
     */
    public Optional<SpanEdit> modelEdit(Backend backend, Dialect dialect) {
        String backendModel = modelAt(backend);
        return backendModel.isEmpty() || dialect.namesModelInTarget(target)
                ? Optional.empty()
                : body.modelEdit(backendModel, target.model().isPresent());
    }

    /**
     * Returns the facts that routing rules use.
     *
     * @param owner owner of the object that the request refers to. The model of a client secret was checked against the
     *     rules when the secret was created, so the secret's requests may have an unread model
     */
    public RequestFacts facts(Owner owner) {
        return new RequestFacts(
                requestClass(),
                modelIsUnread() && !(owner instanceof Owner.OfSecret),
                target.path(),
                this::anyHeaderMatches,
                Math.max(head.contentLength(), body.bytes()));
    }

    /** Returns whether a backend may find a model in the request that Crowfly could not read. */
    private boolean modelIsUnread() {
        if (requestClass.api() == Api.OTHER && isPost() && target.mayNameModelForOtherApi()) {
            return true;
        } else if (!body.isScanned()) {
            // The messages of a realtime session may name a model that the query does not.
            return head.hasBody()
                    || target.path().equals("/v1/realtime") && target.model().isEmpty();
        }
        return !body.isReadable()
                || switch (body.modelValue()) {
                    case TOO_LONG, NOT_A_NAME, MISSPELT -> true;
                    case ABSENT -> configuresSession();
                    case NAME, BLANK, NOT_A_STRING -> configuresSession() && !readsSession();
                };
    }

    private boolean isPost() {
        return head.method().equals(HttpMethod.POST);
    }

    private boolean readsSession() {
        return statePath.returnsSecret() && body.isJson();
    }

    /**
     * Returns whether the request configures a session. Such a request may name its model where no scanner reads, for
     * example in the JSON of a form field.
     */
    private boolean configuresSession() {
        return target.path().startsWith("/v1/realtime/") && statePath.ids().isEmpty() && statePath.creates(false);
    }

    private boolean anyHeaderMatches(String name, Glob value) {
        if (HttpHeaderNames.HOST.contentEquals(name)) {
            return value.matches(head.authority().toLowerCase(Locale.ROOT));
        }
        for (String each : head.headers().getAll(name)) {
            if (value.matches(each)) {
                return true;
            }
        }
        return false;
    }
}
