package io.crowfly.balancer.exchange;

import io.crowfly.balancer.affinity.StatePath;
import io.crowfly.balancer.content.BodyScanner;
import io.crowfly.balancer.content.BodyScanner.ModelField;
import io.crowfly.balancer.content.FormScanner;
import io.crowfly.balancer.content.RequestScanner;
import io.crowfly.balancer.content.SpanEdit;
import io.crowfly.balancer.credential.Shown;
import io.crowfly.balancer.provider.ClientCredential;
import io.crowfly.balancer.provider.ClientTarget;
import io.crowfly.balancer.routing.RequestFacts;
import io.crowfly.conf.Glob;
import io.crowfly.conf.Limits;
import io.crowfly.probes.Api;
import io.crowfly.probes.RequestClass;
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

/** What a client has sent so far of one request, and what is known of it by that. Owns what it holds of the body. */
final class Request {

    /**
     * What can't do without a model. A response can: it may go by a stored prompt, which names one. OpenAI has one of its own
     * for images and moderations that name none, but wherever the model is what finds a deployment, none is found.
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

    final RequestHead head;
    final ClientTarget target;
    final String id;
    final HeldBody held;
    final StatePath statePath;

    /** What may be a backend's own: see {@link HomeSearch}. */
    final Optional<Shown.ClientSecret> secret;

    /** Of a body that can be read. */
    private final @Nullable BodyScanner scanner;

    private RequestClass requestClass;
    private long bytes;
    private boolean ended;
    private HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
    private long endedNanos;

    /** @param memory for what is held of the body */
    Request(RequestHead asked, String id, HeldMemory memory) {
        this.id = id;
        held = new HeldBody(memory);
        target = ClientTarget.of(asked.target());
        head = WebSockets.understood(asked, target.path());
        // A message does what a request to the same path does.
        statePath = StatePath.of(head.bodyIsFirstMessage() ? HttpMethod.POST : head.method(), target.path());
        secret = ClientCredential.secret(target, head.headers());
        scanner = head.hasBody() ? scannerOf(head, statePath.givesSecret()) : null;
        requestClass = new RequestClass(Api.of(target.path()), target.model().orElse(""), false);
    }

    /**
     * By what the client says of the body; one that says nothing, or has curl say it, may well send JSON.
     *
     * @param ofSession whether it settles what a realtime session is to be like, its model among that
     */
    private static @Nullable BodyScanner scannerOf(RequestHead head, boolean ofSession) {
        HttpHeaders headers = head.headers();
        if (head.bodyIsFirstMessage()) {
            // Which headers say nothing of.
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
        return ofSession ? RequestScanner.readingSession() : new RequestScanner();
    }

    private static boolean isCompressed(HttpHeaders headers) {
        return headers.contains(HttpHeaderNames.CONTENT_ENCODING)
                && !headers.contains(HttpHeaderNames.CONTENT_ENCODING, "identity", true);
    }

    /** Looks at the next part of the body, which stays the caller's. */
    void read(ByteBuf data) {
        bytes += data.readableBytes();
        if (scanner != null && !ended) {
            scanner.scan(data);
        }
    }

    void end(HttpHeaders withTrailers) {
        ended = true;
        trailers = withTrailers;
        endedNanos = System.nanoTime();
    }

    /** Of the body, as far as it has come. */
    long bytes() {
        return bytes;
    }

    boolean ended() {
        return ended;
    }

    /** Of a request that has {@linkplain #ended ended}. */
    HttpHeaders trailers() {
        return trailers;
    }

    /** When the request was whole: what its answer is awaited from. Of one that has {@linkplain #ended ended}. */
    long endedNanos() {
        return endedNanos;
    }

    // Holding.

    /** As much of the body as it may come to, and as may be held of it. */
    private long expectedSize(Limits limits) {
        return head.contentLength() < 0 ? limits.heldSize() : Math.min(head.contentLength(), limits.heldSize());
    }

    /** Whether there is memory for holding more of the body than has come. */
    boolean mayHoldMore(Limits limits) {
        long expected = expectedSize(limits);
        return held.bytes() < HeldBody.MODEST_BYTES
                ? held.bytes() <= HeldBody.FREE_BYTES
                        || held.reserve(Math.min(expected, HeldBody.MODEST_BYTES), limits.heldTotal() / 2)
                : held.reserve(expected, limits.heldTotal());
    }

    // What the body says.

    /** Whether the body has said all that decides where the request goes; what is not read says nothing. */
    boolean isDecided(boolean modelsDecide, boolean byReferences) {
        if (head.bodyIsFirstMessage()) {
            // It is sent behind its length, to a backend that has gone over: then it is too late to refuse any of it.
            return ended;
        }
        // A model in the path has to be put into the body for some, unless it is there as well.
        boolean byModel = modelsDecide && mayNameModel() || target.model().isPresent();
        if (scanner == null || ended) {
            return true;
        }
        return switch (scanner.state()) {
            case COMPLETE, NOT_AN_OBJECT, MALFORMED, TOO_DEEP -> true;
            case UNDECIDED -> (!byModel || scanner.modelKnown()) && !(byReferences && mayRefer());
        };
    }

    /** What may refer, at its very end, to something that one backend keeps. A form does not. */
    private boolean mayRefer() {
        return statePath.kept(false) && scanner instanceof RequestScanner;
    }

    /** Files, and parts of them, name none, and are the largest of all bodies. */
    private boolean mayNameModel() {
        boolean file = scanner instanceof FormScanner && statePath.kept(false);
        return !file || target.path().startsWith("/v1/videos");
    }

    boolean isTooDeep() {
        return scanner != null && scanner.state() == BodyScanner.State.TOO_DEEP;
    }

    boolean namesModelTwice() {
        return scanner != null && scanner.duplicateModel();
    }

    /** Whether what came behind its model's name can't be read: another name may be there. */
    boolean hidesModel() {
        return scanner != null
                && scanner.modelKnown()
                && (scanner.state() == BodyScanner.State.MALFORMED || scanner.state() == BodyScanner.State.TOO_DEEP);
    }

    /** Why it can't go anywhere as far as models decide that: it names none, badly, or in a form that is not read. */
    Optional<ErrorAnswer> modelFault(boolean modelsDecide) {
        boolean inPath = target.model().isPresent();
        if (inPath && modelUnread()) {
            // Some backends would go by a name in the body, and others by ours: it must not be another one.
            return Optional.of(ErrorAnswer.unreadable());
        } else if (inPath || !modelsDecide) {
            return Optional.empty();
        }
        boolean generates = requestClass.api() != Api.OTHER || !statePath.kept(false);
        if (generates && head.hasBody() && isCompressed(head.headers())) {
            return Optional.of(ErrorAnswer.compressed());
        }
        if (scanner == null) {
            return Optional.empty();
        }
        return switch (scanner.modelField()) {
            case BLANK, NOT_A_STRING, NOT_A_NAME -> Optional.of(ErrorAnswer.noName());
            case MISSPELT -> Optional.of(ErrorAnswer.modelMisspelt());
            case ABSENT ->
                scanner.state() == BodyScanner.State.COMPLETE && ALWAYS_NAME_MODELS.contains(target.path())
                        ? Optional.of(ErrorAnswer.noModel())
                        : Optional.empty();
            case NAME, TOO_LONG -> Optional.empty();
        };
    }

    List<String> references() {
        return scanner == null ? List.of() : scanner.references();
    }

    /** As far as it is known by now: a body may name its model, and ask for a stream, at its very end. */
    RequestClass requestClass() {
        if (scanner != null) {
            String model = target.model().or(scanner::model).orElse("");
            if (scanner.stream() != requestClass.streamed() || !model.equals(requestClass.model())) {
                requestClass = new RequestClass(requestClass.api(), model, scanner.stream());
            }
        }
        return requestClass;
    }

    String model() {
        return requestClass().model();
    }

    RetryClass retryClass() {
        return scanner == null
                ? RetryClass.of(head.method(), target.path(), false, false, head.hasBody())
                : RetryClass.of(
                        head.method(),
                        target.path(),
                        scanner.asksToStore(),
                        scanner.asksNotToStore(),
                        scanner.refersToStored());
    }

    /** Whether the answer names what the backend keeps. */
    boolean asksForKept() {
        return statePath.kept(scanner != null && scanner.asksToStore());
    }

    /** Whether the answer is looked at: for tokens, for what they cost, or for what the backend keeps now. */
    boolean answerTellsSomething() {
        return requestClass.api() != Api.OTHER || asksForKept();
    }

    /** Whether it makes what will be in a list, and does not say where. */
    boolean belongsHome() {
        return statePath.creates(false) && model().isEmpty();
    }

    /** Whether a 404 may mean its model: an operation on a model, not on something that a backend keeps. */
    boolean namesModel() {
        RequestClass known = requestClass();
        return known.api() != Api.OTHER && !known.model().isEmpty();
    }

    // What a backend gets.

    /** The backend's own name of the model; empty where none is named. */
    String modelAt(Upstream upstream) {
        String model = model();
        return model.isEmpty() ? "" : upstream.backend().models().nameOf(model).orElse(model);
    }

    /** What makes the body name the model as the backend does; absent where it may pass as it is. */
    Optional<SpanEdit> renaming(Upstream upstream) {
        String ours = modelAt(upstream);
        if (scanner == null || ours.isEmpty() || upstream.dialect().namesModelInPath(target)) {
            return Optional.empty();
        }
        if (scanner.modelKnown()) {
            return scanner.model().equals(Optional.of(ours)) ? Optional.empty() : Optional.of(scanner.rename(ours));
        }
        boolean lacksIt = scanner.state() == BodyScanner.State.COMPLETE && scanner.modelField() == ModelField.ABSENT;
        return lacksIt && target.model().isPresent() ? Optional.of(scanner.rename(ours)) : Optional.empty();
    }

    /** @param home who opens what a secret was made for is in order: rules held when that was settled */
    RequestFacts facts(Home home) {
        return new RequestFacts(
                requestClass(),
                modelUnread() && !(home instanceof Home.Maker),
                target.path(),
                this::anyMatches,
                Math.max(head.contentLength(), bytes));
    }

    /** A body in another form, or compressed, or broken: it may name a model, and a backend may be able to read it. */
    private boolean modelUnread() {
        if (scanner == null) {
            // What a realtime session is to be like may be said in its messages only.
            return head.hasBody()
                    || target.path().equals("/v1/realtime") && target.model().isEmpty();
        }
        return switch (scanner.state()) {
            case NOT_AN_OBJECT, MALFORMED, TOO_DEEP -> true;
            case UNDECIDED, COMPLETE ->
                // A form that ends before it begins is something else, and so may be whatever ends too soon.
                scanner.state() == BodyScanner.State.UNDECIDED && ended && bytes > 0
                        || scanner.modelField() == ModelField.TOO_LONG
                        || scanner.modelField() == ModelField.NOT_A_NAME
                        || scanner.modelField() == ModelField.MISSPELT
                        || scanner.modelField() == ModelField.ABSENT && settlesSession();
        };
    }

    /** Some of these have their model in a place that is not looked at: that of a transcription, or JSON in a form's field. */
    private boolean settlesSession() {
        return target.path().startsWith("/v1/realtime/") && statePath.ids().isEmpty() && statePath.creates(false);
    }

    private boolean anyMatches(String name, Glob value) {
        for (String each : head.headers().getAll(name)) {
            if (value.matches(each)) {
                return true;
            }
        }
        return false;
    }
}
