package io.crowfly.balancer.exchange;

import io.crowfly.balancer.content.RequestScanner;
import io.crowfly.balancer.provider.ClientTarget;
import io.crowfly.balancer.routing.RequestFacts;
import io.crowfly.conf.Glob;
import io.crowfly.probes.Api;
import io.crowfly.probes.RequestClass;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a client has sent so far of one request, and what is known of it by that. Owns what it holds of the body. */
final class Request {

    final RequestHead head;
    final ClientTarget target;
    final String id;
    final HeldBody held = new HeldBody();
    final @Nullable RequestScanner scanner;

    private RequestClass requestClass;
    private long bytes;
    private boolean ended;
    private HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
    private long endedNanos;

    Request(RequestHead head, String id) {
        this.head = head;
        this.id = id;
        target = ClientTarget.of(head.target());
        scanner = head.hasBody() && mayBeJson(head.headers()) ? new RequestScanner() : null;
        requestClass = new RequestClass(Api.of(target.path()), "", false);
    }

    /** By what the client says of the body; one that says nothing, or has curl say it, may well send JSON. */
    private static boolean mayBeJson(HttpHeaders headers) {
        String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "").toLowerCase(Locale.ROOT);
        return type.isEmpty() || type.contains("json") || type.startsWith("application/x-www-form-urlencoded");
    }

    /** Looks at the next part of the body, which stays the caller's. */
    void read(ByteBuf data) {
        bytes += data.readableBytes();
        if (scanner != null) {
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

    /** As far as it is known by now: a body may name its model, and ask for a stream, at its very end. */
    RequestClass requestClass() {
        if (scanner != null) {
            String model = scanner.model().orElse("");
            if (scanner.stream() != requestClass.streamed() || !model.equals(requestClass.model())) {
                requestClass = new RequestClass(requestClass.api(), model, scanner.stream());
            }
        }
        return requestClass;
    }

    RetryClass retryClass() {
        return scanner == null
                ? RetryClass.of(head.method(), target.path(), false, false, false)
                : RetryClass.of(
                        head.method(),
                        target.path(),
                        scanner.asksToStore(),
                        scanner.asksNotToStore(),
                        scanner.refersToStored());
    }

    /** Whether a 404 may mean its model: an operation on a model, not on something that a backend keeps. */
    boolean namesModel() {
        RequestClass known = requestClass();
        return known.api() != Api.OTHER && !known.model().isEmpty();
    }

    RequestFacts facts() {
        return new RequestFacts(
                requestClass(), modelUnread(), head.target(), this::anyMatches, Math.max(head.contentLength(), bytes));
    }

    /** A body in another form, or compressed, or broken: it may name a model, and a backend may be able to read it. */
    private boolean modelUnread() {
        if (scanner == null) {
            return head.hasBody();
        }
        return switch (scanner.state()) {
            case NOT_AN_OBJECT, MALFORMED -> true;
            case UNDECIDED, COMPLETE -> scanner.modelField() == RequestScanner.ModelField.TOO_LONG;
        };
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
